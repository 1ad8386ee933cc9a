# Sourced by mvnw and by the launcher: finds a JDK of the major version that rafsd is built for, although the machine's
# default java may be older. JAVA_HOME is kept where it fits already.
__jdk=25
__is_jdk() { [ -n "$1" ] && [ -x "$1/bin/javac" ] && grep -q "^JAVA_VERSION=\"$__jdk[.\"]" "$1/release" 2>/dev/null; }
if ! __is_jdk "${JAVA_HOME-}"; then
  for __d in "${JAVA25_HOME-}" "${JAVA_HOME_25_X64-}" "${JAVA_HOME_25_ARM64-}" /usr/lib/jvm/* "${HOME-}"/.sdkman/candidates/java/* "${HOME-}"/.jdks/* /opt/java/* /opt/jdk*; do
    if __is_jdk "$__d"; then JAVA_HOME=$__d; export JAVA_HOME; break; fi
  done
fi
if ! __is_jdk "${JAVA_HOME-}"; then
  echo "rafsd needs JDK $__jdk and found none; install one (for example Temurin $__jdk) or point JAVA_HOME at it." >&2
  exit 1
fi
