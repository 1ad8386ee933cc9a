{{/*
The parts that a workload takes up: "rafsd.sidecar" below initContainers, "rafsd.volumes" below volumes, "rafsd.mount" below
an application's volumeMounts. The first may stand anywhere before the application; containers start in order.
*/}}

{{- define "rafsd.sidecar" -}}
- name: rafsd
  image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  # Keeps running beside the application and ends after it.
  restartPolicy: Always
  env:
    - name: RAFSD_IMAGE
      value: {{ required "mount.image is empty: set it to the reference of a RAFS image, registry/repository:tag" .Values.mount.image | quote }}
    - name: RAFSD_MOUNTPOINT
      value: {{ include "rafsd.path" . | quote }}
    - name: RAFSD_TRANSPORT
      value: {{ .Values.transport }}
    - name: RAFSD_THREADS
      value: {{ .Values.threads | quote }}
    - name: RAFSD_READ_TIMEOUT
      value: {{ .Values.readTimeout | quote }}
    - name: RAFSD_PREFETCH_ALL
      value: {{ .Values.prefetchAll | quote }}
    - name: RAFSD_PLAIN_HTTP
      value: {{ .Values.registry.plainHttp | quote }}
    - name: RAFSD_SKIP_VERIFY
      value: {{ .Values.registry.skipVerify | quote }}
    - name: SERVER_PORT
      value: {{ .Values.port | quote }}
    {{- range $name, $value := .Values.env }}
    - name: {{ $name }}
      value: {{ $value | quote }}
    {{- end }}
  ports:
    - name: metrics
      containerPort: {{ .Values.port }}
  # Mounted and serving; the application waits for it.
  startupProbe:
    httpGet: {path: /actuator/health/readiness, port: metrics}
    periodSeconds: 1
    timeoutSeconds: 3
    failureThreshold: {{ .Values.startup.failureThreshold }}
  # Never asks the registry: one that is away must not end a daemon whose cache still serves.
  livenessProbe:
    httpGet: {path: /actuator/health/liveness, port: metrics}
    periodSeconds: 10
    timeoutSeconds: 5
    failureThreshold: 6
  readinessProbe:
    httpGet: {path: /actuator/health/readiness, port: metrics}
    periodSeconds: 5
    timeoutSeconds: 3
  {{- include "rafsd.security" . | nindent 2 }}
  resources:
    {{- toYaml .Values.resources | nindent 4 }}
  volumeMounts:
    - name: rafsd-mount
      mountPath: {{ .Values.mount.path }}
      mountPropagation: Bidirectional
    - name: rafsd-state
      mountPath: /var/lib/rafsd
    {{- if .Values.credentialsSecret }}
    - name: rafsd-credentials
      mountPath: /etc/rafsd/docker
      readOnly: true
    {{- end }}
{{- end }}

{{- define "rafsd.path" -}}
{{ printf "%s/%s" (trimSuffix "/" .Values.mount.path) .Values.mount.name }}
{{- end }}

{{- define "rafsd.security" -}}
{{- if eq .Values.mount.mode "privileged" -}}
securityContext:
  # Bidirectional propagation is for privileged containers, and mounting for root.
  privileged: true
  runAsUser: 0
  runAsGroup: 0
  readOnlyRootFilesystem: true
{{- end }}
{{- end }}

{{- define "rafsd.volumes" -}}
- name: rafsd-mount
  emptyDir: {}
- name: rafsd-state
  {{- if .Values.cache.sizeLimit }}
  emptyDir:
    sizeLimit: {{ .Values.cache.sizeLimit }}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- if .Values.credentialsSecret }}
- name: rafsd-credentials
  secret:
    secretName: {{ .Values.credentialsSecret }}
    items:
      - key: .dockerconfigjson
        path: config.json
{{- end }}
{{- end }}

{{- define "rafsd.mount" -}}
- name: rafsd-mount
  mountPath: {{ .Values.mount.path }}
  # So that a mount which comes or comes back later is seen.
  mountPropagation: HostToContainer
  readOnly: true
{{- end }}
