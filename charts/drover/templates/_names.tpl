{{/* The name of every object: there is one Drover in a cluster, and its policies and rights know it by this name. */}}
{{- define "drover.name" -}}drover{{- end }}

{{/* The operator as kube-apiserver knows it. */}}
{{- define "drover.user" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "drover.name" . }}
{{- end }}

{{/* What a Deployment selects by never changes. */}}
{{- define "drover.selector" -}}
app.kubernetes.io/name: {{ include "drover.name" . }}
app.kubernetes.io/component: operator
{{- end }}

{{/* Labels of every object. */}}
{{- define "drover.labels" -}}
app.kubernetes.io/name: {{ include "drover.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: drover
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{- end }}

{{- define "drover.image" -}}
{{- $repository := required "image.repository: set it to where your image is, such as registry.example/team/drover; `make image` in a checkout builds one" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{ $repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* The one subject of every binding. */}}
{{- define "drover.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "drover.name" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}
