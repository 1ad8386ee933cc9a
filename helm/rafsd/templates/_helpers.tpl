{{- define "rafsd.name" -}}
{{- if contains "rafsd" .Release.Name }}{{ .Release.Name }}{{ else }}{{ printf "%s-rafsd" .Release.Name | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "rafsd.selector" -}}
app.kubernetes.io/name: rafsd
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "rafsd.labels" -}}
{{ include "rafsd.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "rafsd.scrape" -}}
{{- if .Values.metrics.scrape -}}
prometheus.io/scrape: "true"
prometheus.io/port: {{ .Values.port | quote }}
prometheus.io/path: /actuator/prometheus
{{- end }}
{{- end }}
