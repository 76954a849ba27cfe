package dev.longshore.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.longshore.common.CriException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KubeNameTest {
  @Test
  void aSandboxNameIsThatOfDockershim() {
    KubeName name = KubeName.sandbox("web-0", "default", "7c1e-uid", 3);
    assertThat(name.toDockerName()).isEqualTo("k8s_POD_web-0_default_7c1e-uid_3");
    assertThat(KubeName.parse(name.toDockerName())).contains(name);
  }

  @Test
  void aContainerNameKeepsDotsAndDashes() {
    KubeName name = new KubeName("nginx", "web.a-b.c", "kube-system", "u", 0);
    assertThat(name.toDockerName()).isEqualTo("k8s_nginx_web.a-b.c_kube-system_u_0");
    assertThat(KubeName.parse("/" + name.toDockerName())).contains(name);
  }

  @Test
  void theSuffixAfterAConflictIsForgotten() {
    assertThat(KubeName.parse("k8s_POD_web_default_u_1_3fa9c21b"))
        .contains(KubeName.sandbox("web", "default", "u", 1));
  }

  @Test
  void theLargestAttemptSurvives() {
    KubeName name = KubeName.sandbox("web", "default", "u", 4_294_967_295L);
    assertThat(name.toDockerName()).endsWith("_4294967295");
    assertThat(KubeName.parse(name.toDockerName())).contains(name);
  }

  @Test
  void emptyPartsAreRead() {
    assertThat(KubeName.parse("k8s_POD_web___0")).contains(KubeName.sandbox("web", "", "", 0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "web",
        "k8s",
        "k8s_POD_web_default_0",
        "k8s_POD_web_default_u_0_3fa9c21b_x",
        "K8S_POD_web_default_u_0",
        "//k8s_POD_web_default_u_0",
        "k8s_POD_web_default_u_",
        "k8s_POD_web_default_u_x",
        "k8s_POD_web_default_u_-1",
        "k8s_POD_web_default_u_+1",
        "k8s_POD_web_default_u_1 ",
        "k8s_POD_web_default_u_\u0661",
        "k8s_POD_web_default_u_4294967296",
        "k8s_POD_web_default_u_99999999999999999999",
        "project_web_1"
      })
  void aNameOfAnotherFormIsNotKubernetes(String name) {
    assertThat(KubeName.parse(name)).isEmpty();
  }

  @Test
  void aPartWithAnUnderscoreIsRefusedSinceNobodyCouldReadItBack() {
    assertThatThrownBy(() -> KubeName.sandbox("web_0", "default", "u", 0))
        .isInstanceOfSatisfying(
            CriException.class, e -> assertThat(e.kind()).isEqualTo(CriException.Kind.INVALID))
        .hasMessageContaining("web_0");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 4_294_967_296L, Long.MIN_VALUE, Long.MAX_VALUE})
  void anAttemptOutOfRangeIsRefused(long attempt) {
    assertThatThrownBy(() -> KubeName.sandbox("web", "default", "u", attempt))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(Long.toString(attempt));
  }
}
