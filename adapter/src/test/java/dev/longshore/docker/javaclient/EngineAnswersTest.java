package dev.longshore.docker.javaclient;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.longshore.docker.ApiVersion;
import dev.longshore.docker.EngineEvent;
import dev.longshore.docker.EngineImage;
import dev.longshore.docker.EngineInfo;
import dev.longshore.docker.ImageLayers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Docker's answers about itself, its images and its events, as daemons old and new write them. */
final class EngineAnswersTest {
  private static final ApiVersion USED = new ApiVersion(1, 41);
  private static final ApiVersion NEWEST = new ApiVersion(1, 44);

  @Test
  void aDaemonIsRead() throws JsonProcessingException {
    EngineInfo info =
        EngineAnswers.info(
            tree(
                """
                {'ServerVersion':'28.5.1','CgroupDriver':'systemd','CgroupVersion':'2',
                 'DockerRootDir':'/var/lib/docker','Driver':'overlay2','LoggingDriver':'json-file',
                 'DefaultRuntime':'runc','Runtimes':{'runc':{'path':'runc'},'crun':{}},
                 'SecurityOptions':['name=seccomp,profile=builtin'],'LiveRestoreEnabled':true,
                 'NCPU':2,'Name':'node','Warnings':['no swap limit'],'DriverStatus':[['a','b']]}
                """),
            USED,
            NEWEST);

    assertThat(info)
        .isEqualTo(
            new EngineInfo(
                "28.5.1",
                "1.41",
                "1.44",
                "systemd",
                2,
                "/var/lib/docker",
                "overlay2",
                "json-file",
                "runc",
                List.of("crun", "runc"),
                List.of("name=seccomp,profile=builtin"),
                true,
                Set.of(),
                Map.of("NCPU", "2", "Name", "node"),
                List.of("no swap limit")));
  }

  @Test
  void theLayersOfOverlay2AreFoundUppermostFirst() throws JsonProcessingException {
    assertThat(
            EngineAnswers.layers(
                tree(
                    """
                    {'Name':'overlay2','Data':{'LowerDir':'/o/2/diff:/o/1/diff',
                     'MergedDir':'/o/3/merged','UpperDir':'/o/3/diff','WorkDir':'/o/3/work'}}
                    """)))
        .isEqualTo(
            new ImageLayers(
                "overlay2",
                List.of(Path.of("/o/3/diff"), Path.of("/o/2/diff"), Path.of("/o/1/diff"))));
    assertThat(EngineAnswers.layers(tree("{'Name':'overlayfs','Data':null}")))
        .isEqualTo(new ImageLayers("overlayfs", List.of()));
  }

  @Test
  void imagesAreContainerdsWhereDockerSaysSo() throws JsonProcessingException {
    EngineInfo containerds =
        EngineAnswers.info(
            tree(
                "{'Driver':'overlayfs',"
                    + "'DriverStatus':[['driver-type','io.containerd.snapshotter.v1']]}"),
            USED,
            USED);
    EngineInfo own =
        EngineAnswers.info(
            tree("{'Driver':'btrfs','DriverStatus':[['Btrfs',''],['Library Version','102']]}"),
            USED,
            USED);

    assertThat(containerds.keepsImagesInContainerd()).isTrue();
    assertThat(own.keepsImagesInContainerd()).isFalse();
  }

  @Test
  void aDaemonThatSaysLittleIsReadToo() throws JsonProcessingException {
    EngineInfo info = EngineAnswers.info(tree("{'Warnings':null,'Runtimes':null}"), USED, USED);

    assertThat(info.cgroupVersion()).isEqualTo(1);
    assertThat(info.warnings()).isEmpty();
    assertThat(info.runtimes()).isEmpty();
    assertThat(info.version()).isEmpty();
  }

  @Test
  void anImageIsRead() throws JsonProcessingException {
    JsonNode answer =
        tree(
            """
            {'Id':'sha256:abc','RepoTags':['busybox:1','<none>:<none>'],
             'RepoDigests':['busybox@sha256:def','<none>@<none>'],'Size':12,
             'Config':{'User':'65535:65535','Labels':{'a':'b'}},
             'Descriptor':{'annotations':{'c':'d'}}}
            """);

    assertThat(EngineAnswers.image(answer))
        .isEqualTo(
            new EngineImage(
                "sha256:abc",
                List.of("busybox:1"),
                List.of("busybox@sha256:def"),
                12,
                "65535:65535",
                Map.of("a", "b"),
                Map.of("c", "d")));
    assertThat(EngineAnswers.listed(answer).labels()).isEmpty();
  }

  /** As Docker 26 and 28 answer, of one image with three names in two repositories. */
  @Test
  void theListOfContainerdsStoreHasTheDigestReferenceOfEachRepository()
      throws JsonProcessingException {
    EngineImage image =
        EngineAnswers.listed(
            tree(
                """
                {'Containers':-1,'Created':1795529857,'Id':'sha256:5e7a2afa975d',
                 'Labels':{'test':'image-1'},'ParentId':'',
                 'RepoDigests':['other.local/x/y@sha256:5e7a2afa975d'],
                 'RepoTags':['127.0.0.1:5000/test-index:1','127.0.0.1:5000/test-index:2',
                             'other.local/x/y:z'],
                 'SharedSize':-1,'Size':4213960}
                """));

    assertThat(image.digests())
        .containsExactlyInAnyOrder(
            "127.0.0.1:5000/test-index@sha256:5e7a2afa975d", "other.local/x/y@sha256:5e7a2afa975d");
  }

  /** As Docker 28 answers of an image some of whose layers it got with another image. */
  @Test
  void aDigestWithoutRepositoryIsNoReference() throws JsonProcessingException {
    EngineImage image =
        EngineAnswers.listed(
            tree(
                """
                {'Containers':-1,'Created':0,'Id':'sha256:258487330a19','Labels':null,'ParentId':'',
                 'RepoDigests':['sha256:258487330a19'],'RepoTags':['127.0.0.1:5000/pause:3.9'],
                 'SharedSize':-1,'Size':1954}
                """));

    assertThat(image.digests()).containsExactly("127.0.0.1:5000/pause@sha256:258487330a19");
  }

  @Test
  void noDigestReferenceIsMadeUpOrToldTwice() throws JsonProcessingException {
    assertThat(
            EngineAnswers.listed(
                    tree(
                        """
                        {'Id':'sha256:abc','RepoTags':['a:1','b:1'],'RepoDigests':['a@sha256:def']}
                        """))
                .digests())
        .containsExactly("a@sha256:def");
    assertThat(
            EngineAnswers.image(
                    tree(
                        """
                        {'Id':'sha256:abc','RepoTags':['a:1','a:2'],
                         'RepoDigests':['a@sha256:abc','a@sha256:abc']}
                        """))
                .digests())
        .containsExactly("a@sha256:abc");
  }

  @Test
  void anImagesConfigurationHasItsHistoryOldestFirst() throws JsonProcessingException {
    JsonNode image =
        tree(
            """
            {'Created':'2026-01-02T03:04:05Z','Author':'','Architecture':'amd64','Os':'linux',
             'Config':{'Cmd':['sh']},'RootFS':{'Type':'layers','Layers':['sha256:abc']}}
            """);
    JsonNode history =
        tree(
            """
            [{'Created':2,'CreatedBy':'CMD','Size':0,'Comment':''},
             {'Created':1,'CreatedBy':'ADD','Size':9,'Comment':'x'}]
            """);

    assertThat(EngineAnswers.imageSpec(image, history))
        .isEqualTo(
            tree(
                """
                {'created':'2026-01-02T03:04:05Z','author':'','architecture':'amd64','os':'linux',
                 'config':{'Cmd':['sh']},'rootfs':{'type':'layers','diff_ids':['sha256:abc']},
                 'history':[
                   {'created':'1970-01-01T00:00:01Z','created_by':'ADD','comment':'x','empty_layer':false},
                   {'created':'1970-01-01T00:00:02Z','created_by':'CMD','comment':'','empty_layer':true}]}
                """));
  }

  @Test
  void anImageWithoutNamesOrConfigurationIsRead() throws JsonProcessingException {
    EngineImage image =
        EngineAnswers.image(tree("{'Id':'sha256:abc','RepoTags':null,'Config':null}"));

    assertThat(image.tags()).isEmpty();
    assertThat(image.digests()).isEmpty();
    assertThat(image.user()).isEmpty();
    assertThat(image.labels()).isEmpty();
  }

  @Test
  void eventsOldAndNewAreReadAlike() throws JsonProcessingException {
    String actor =
        "'Actor':{'ID':'abc','Attributes':{'name':'web'}},'time':1,'timeNano':1500000000";
    EngineEvent expected =
        new EngineEvent(
            EngineEvent.Type.CONTAINER, "exec_start: sh", "abc", Map.of("name", "web"), 1500000000);

    assertThat(
            EngineAnswers.event(
                tree(
                    "{'status':'exec_start: sh','id':'abc','Type':'container',"
                        + "'Action':'exec_start: sh',"
                        + actor
                        + "}")))
        .isEqualTo(expected);
    assertThat(
            EngineAnswers.event(
                tree("{'Type':'container','Action':'exec_start: sh'," + actor + "}")))
        .isEqualTo(expected);
    assertThat(EngineAnswers.event(tree("{'Type':'image','Action':'untag'}")).type())
        .isEqualTo(EngineEvent.Type.IMAGE);
    assertThat(EngineAnswers.event(tree("{'Type':'volume'}")).type())
        .isEqualTo(EngineEvent.Type.OTHER);
  }

  private static JsonNode tree(String json) throws JsonProcessingException {
    return Wire.JSON.readTree(json.replace('\'', '"'));
  }
}
