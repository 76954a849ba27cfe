{{- define "longshore.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "longshore.selector" . }}
{{- end }}

{{- define "longshore.selector" -}}
app.kubernetes.io/name: longshore
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "longshore.fullname" -}}
{{- if contains "longshore" .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-longshore" .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{- define "longshore.image" -}}
{{- with .Values.image -}}
{{- $name := .repository -}}
{{- if .registry }}{{ $name = printf "%s/%s" (trimSuffix "/" .registry) .repository }}{{ end -}}
{{- if .digest -}}
{{ printf "%s@%s" $name .digest }}
{{- else -}}
{{ printf "%s:%s" $name (default $.Chart.AppVersion .tag) }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* What every pod of this chart has: no token, the host's root folder, no network of its own. */}}
{{- define "longshore.pod" -}}
serviceAccountName: {{ include "longshore.fullname" . }}
automountServiceAccountToken: false
enableServiceLinks: false
hostNetwork: true
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "longshore.hostVolume" -}}
- name: host
  hostPath:
    path: /
    type: Directory
{{- end }}

{{/* Four capabilities, of which the installer needs each: none of them is for the kernel or for devices. */}}
{{- define "longshore.changesHost" -}}
runAsUser: 0
privileged: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
  add: [CHOWN, DAC_OVERRIDE, FOWNER, SYS_CHROOT]
{{- with .Values.host.seLinuxType }}
seLinuxOptions:
  type: {{ . }}
{{- end }}
{{- end }}

{{- define "longshore.readsHost" -}}
runAsUser: 0
privileged: false
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- with .Values.host.seLinuxType }}
seLinuxOptions:
  type: {{ . }}
{{- end }}
{{- end }}

{{- define "longshore.hostFolders" -}}
- --root=/host
- --unit-dir={{ .Values.host.unitDir }}
- --bin-dir={{ .Values.host.binDir }}
{{- end }}

{{/* The settings, with the address of the metrics where something is to read them. */}}
{{- define "longshore.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if and .Values.metrics.serviceMonitor.enabled (not (hasKey $config "metricsBindAddr")) -}}
{{- $_ := set $config "metricsBindAddr" (printf "0.0.0.0:%v" .Values.metrics.port) -}}
{{- end -}}
{{- if $config }}{{ toYaml $config }}{{ end -}}
{{- end }}
