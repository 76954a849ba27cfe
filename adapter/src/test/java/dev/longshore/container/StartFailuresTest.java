package dev.longshore.container;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartFailuresTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Engine 20.10 with runc 1.1, and with an older one
        "failed to create shim: OCI runtime create failed: runc create failed: unable to start"
            + " container process: exec: \"nosuch\": executable file not found in $PATH: unknown"
            + "|exec: \"nosuch\": executable file not found in $PATH",
        "OCI runtime create failed: container_linux.go:380: starting container process caused:"
            + " process_linux.go:545: container init caused: x: unknown"
            + "|container init caused: x",
        // Engine 28
        "failed to create task for container: failed to create shim task: OCI runtime create"
            + " failed: runc create failed: unable to start container process: error during"
            + " container init: exec: \"/x\": permission denied: unknown"
            + "|exec: \"/x\": permission denied",
        "error while mounting volume '': no such device|error while mounting volume '': no such device",
        "OCI runtime create failed: : unknown|OCI runtime create failed: : unknown",
        "''|''",
      })
  void theCauseRemains(String docker, String readable) {
    assertThat(StartFailures.readable(docker)).isEqualTo(readable);
  }
}
