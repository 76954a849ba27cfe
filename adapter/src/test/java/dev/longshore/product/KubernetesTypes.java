package dev.longshore.product;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1DaemonSet;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import java.io.IOException;
import java.util.Map;

/** Kubernetes' OpenAPI: fields it does not know, and fields that must be there, are errors. */
final class KubernetesTypes {
  private static final Map<String, Check> CHECKS =
      Map.of(
          "apps/v1 DaemonSet", V1DaemonSet::validateJsonElement,
          "batch/v1 Job", V1Job::validateJsonElement,
          "v1 ConfigMap", V1ConfigMap::validateJsonElement,
          "v1 Pod", V1Pod::validateJsonElement,
          "v1 Service", V1Service::validateJsonElement,
          "v1 ServiceAccount", V1ServiceAccount::validateJsonElement,
          "monitoring.coreos.com/v1 PrometheusRule", strictly(PrometheusRule.class),
          "monitoring.coreos.com/v1 ServiceMonitor", strictly(ServiceMonitor.class));

  private KubernetesTypes() {}

  static void check(JsonNode object) throws IOException {
    String type = object.path("apiVersion").asText() + " " + object.path("kind").asText();
    Check check = CHECKS.get(type);
    if (check == null) {
      throw new AssertionError("no type to check " + type + " with");
    }
    check.accept(JsonParser.parseString(object.toString()));
  }

  /** The operator's own types, which would else keep what they do not know. */
  private static Check strictly(Class<?> type) {
    ObjectMapper mapper =
        JsonMapper.builder()
            .annotationIntrospector(
                new JacksonAnnotationIntrospector() {
                  @Override
                  public Boolean hasAnySetter(Annotated member) {
                    return false;
                  }
                })
            .build();
    return object -> {
      Object _ = mapper.readValue(object.toString(), type);
    };
  }

  private interface Check {
    void accept(JsonElement object) throws IOException;
  }
}
