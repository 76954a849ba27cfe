package dev.longshore.spec;

import static dev.longshore.common.CriException.Kind.INVALID;
import static dev.longshore.common.CriException.Kind.UNSUPPORTED;
import static dev.longshore.spec.Row.mapped;
import static dev.longshore.spec.Row.notDockers;
import static dev.longshore.spec.Row.refused;
import static dev.longshore.spec.SecurityRows.NAMESPACES;
import static dev.longshore.spec.SecurityRows.SECURITY;
import static dev.longshore.spec.SecurityRows.context;
import static dev.longshore.spec.SecurityRows.namespace;
import static dev.longshore.spec.SecurityRows.secured;
import static dev.longshore.spec.SecurityRows.user;

import java.util.List;

/** Every field of ContainerConfig, and what Docker Engine 28 is asked for it. */
final class ContainerRows {
  private static final String LIMITS = "linux.resources.";
  private static final String BIND = "host_path:'/h' container_path:'/c' ";

  private ContainerRows() {}

  static List<Row> process() {
    return List.of(
        notDockers("metadata", "the container's name, k8s_<name>_<pod>_…_<attempt>"),
        mapped("image.image", "image{image:'web:1'}", "/Image", "'web:1'"),
        notDockers("image.user_specified_image", "a label, read back as the status's image"),
        notDockers("image.annotations", "for pulls alone"),
        notDockers("image.runtime_handler", "for pulls alone"),
        notDockers("image.image_ref", "for image volumes and pulls alone"),
        mapped("command", "command:'sh'", "/Entrypoint", "['sh']"),
        mapped("args", "args:'-c'", "/Cmd", "['-c']"),
        mapped("working_dir", "working_dir:'/w'", "/WorkingDir", "'/w'"),
        mapped("envs", "envs{key:'A' value:'b=c'}", "/Env", "['A=b=c']"),
        refused("envs.key", "envs{key:'A=B'}", INVALID, "config.envs"),
        refused("envs.value", "envs{key:'A' value:'\\377'}", UNSUPPORTED, "config.envs"),
        mapped("labels", "labels{key:'app' value:'web'}", "/Labels/app", "'web'"),
        mapped("annotations", "annotations{key:'n' value:'x'}", "/Labels/annotation.n", "'x'"),
        mapped(
            "log_path",
            "log_path:'web/0.log'",
            "/Labels/io.kubernetes.container.logpath",
            "'/var/log/pods/p/web/0.log'"),
        mapped("stdin", "stdin:true", "/OpenStdin", "true"),
        mapped("stdin_once", "stdin_once:true", "/StdinOnce", "true"),
        mapped("tty", "tty:true", "/Tty", "true"),
        mapped("stop_signal", "stop_signal:SIGRTMINPLUS3", "/StopSignal", "'SIGRTMIN+3'"),
        refused("windows", "windows{}", UNSUPPORTED, "config.windows"));
  }

  static List<Row> mountsAndDevices() {
    String mount = "/HostConfig/Mounts/0/";
    return List.of(
        mapped("mounts.container_path", bind(""), mount + "Target", "'/c'"),
        mapped("mounts.host_path", bind(""), mount + "Source", "'/h'"),
        mapped("mounts.host_path", bind(""), mount + "BindOptions/CreateMountpoint", "true"),
        mapped("mounts.readonly", bind("readonly:true"), mount + "ReadOnly", "true"),
        mapped(
            "mounts.readonly",
            bind("readonly:true"),
            mount + "BindOptions/ReadOnlyNonRecursive",
            "true"),
        mapped(
            "mounts.propagation",
            bind("propagation:PROPAGATION_HOST_TO_CONTAINER"),
            mount + "BindOptions/Propagation",
            "'rslave'"),
        mapped(
            "mounts.propagation",
            bind("propagation:PROPAGATION_BIDIRECTIONAL"),
            mount + "BindOptions/Propagation",
            "'rshared'"),
        mapped(
            "mounts.recursive_read_only",
            bind("readonly:true recursive_read_only:true"),
            mount + "BindOptions",
            "{'Propagation':'rprivate','CreateMountpoint':true,'ReadOnlyForceRecursive':true}"),
        mapped(
            "mounts.selinux_relabel",
            bind("selinux_relabel:true") + secured("selinux_options{level:'s0:c1'}"),
            "/HostConfig/Binds",
            "['/h:/c:rw,Z']"),
        refused("mounts.uidMappings", bind("uidMappings{}"), UNSUPPORTED, "uidMappings"),
        refused("mounts.gidMappings", bind("gidMappings{}"), UNSUPPORTED, "uidMappings"),
        mapped(
            "devices",
            "devices{host_path:'/dev/fuse' container_path:'/dev/f' permissions:'rw'}",
            "/HostConfig/Devices",
            "[{'PathOnHost':'/dev/fuse','PathInContainer':'/dev/f','CgroupPermissions':'rw'}]"),
        mapped(
            "CDI_devices",
            "CDI_devices{name:'v.org/gpu=0'}",
            "/HostConfig/DeviceRequests",
            "[{'Driver':'cdi','DeviceIDs':['v.org/gpu=0']}]"));
  }

  static List<Row> limits() {
    return List.of(
        limit("cpu_period", "cpu_period:100000", "CpuPeriod", "100000"),
        limit("cpu_quota", "cpu_quota:-1", "CpuQuota", "-1"),
        limit("cpu_shares", "cpu_shares:512", "CpuShares", "512"),
        limit("memory_limit_in_bytes", "memory_limit_in_bytes:67108864", "Memory", "67108864"),
        limit("memory_limit_in_bytes", "memory_limit_in_bytes:67108864", "MemorySwap", "67108864"),
        limit(
            "memory_swap_limit_in_bytes",
            "memory_limit_in_bytes:8 memory_swap_limit_in_bytes:9",
            "MemorySwap",
            "9"),
        limit("oom_score_adj", "oom_score_adj:900", "OomScoreAdj", "900"),
        limit("cpuset_cpus", "cpuset_cpus:'0-1'", "CpusetCpus", "'0-1'"),
        limit("cpuset_mems", "cpuset_mems:'0'", "CpusetMems", "'0'"),
        limit("unified", "unified{key:'pids.max' value:'9'}", "PidsLimit", "9"),
        limit(
            "unified",
            "memory_limit_in_bytes:8 unified{key:'memory.swap.max' value:'2'}",
            "MemorySwap",
            "10"),
        kernel("unified", "unified{key:'memory.high' value:'7'}", "{'memory.high':'7'}"),
        kernel(
            "hugepage_limits",
            "hugepage_limits{page_size:'2MB' limit:4194304}",
            "{'hugetlb.2MB.max':'4194304'}"),
        refused(
            LIMITS + "unified",
            "linux{resources{unified{key:'cgroup.procs' value:'1'}}}",
            INVALID,
            "unified"));
  }

  static List<Row> security() {
    return List.of(
        context(
            "capabilities.add_capabilities",
            "capabilities{add_capabilities:'CAP_NET_ADMIN'}",
            "CapAdd",
            "['NET_ADMIN']"),
        context(
            "capabilities.drop_capabilities",
            "capabilities{drop_capabilities:'ALL'}",
            "CapDrop",
            "['ALL']"),
        refused(
            SECURITY + "capabilities.add_ambient_capabilities",
            secured("capabilities{add_ambient_capabilities:'CHOWN'}"),
            UNSUPPORTED,
            "add_ambient_capabilities"),
        context("privileged", "privileged:true", "Privileged", "true"),
        context(
            "selinux_options",
            "seccomp{} selinux_options{user:'u' role:'r' type:'t' level:'l'}",
            "SecurityOpt",
            "['label=user:u','label=role:r','label=type:t','label=level:l']"),
        user("run_as_user", "run_as_user{value:7}", "'7'"),
        user("run_as_group", "run_as_user{value:7} run_as_group{value:8}", "'7:8'"),
        refused(
            SECURITY + "run_as_group", secured("run_as_group{value:8}"), INVALID, "run_as_group"),
        user("run_as_username", "run_as_username:'www'", "'www'"),
        context("readonly_rootfs", "readonly_rootfs:true", "ReadonlyRootfs", "true"),
        context("supplemental_groups", "supplemental_groups:5", "GroupAdd", "['5']"),
        refused(
            SECURITY + "supplemental_groups_policy",
            secured("supplemental_groups_policy:Strict"),
            UNSUPPORTED,
            "supplemental_groups_policy"),
        context(
            "no_new_privs", "seccomp{} no_new_privs:true", "SecurityOpt", "['no-new-privileges']"),
        context("masked_paths", "masked_paths:'/proc/x'", "MaskedPaths", "['/proc/x']"),
        context("masked_paths", "", "MaskedPaths", "[]"),
        context("readonly_paths", "readonly_paths:'/proc/y'", "ReadonlyPaths", "['/proc/y']"),
        context("readonly_paths", "", "ReadonlyPaths", "[]"),
        context(
            "seccomp", "seccomp{profile_type:Unconfined}", "SecurityOpt", "['seccomp=unconfined']"),
        context("seccomp", "", "SecurityOpt", "['seccomp=unconfined']"),
        refused(
            SECURITY + "seccomp",
            secured("seccomp{profile_type:Localhost localhost_ref:'/no/such'}"),
            INVALID,
            "seccomp.localhost_ref"),
        context(
            "apparmor",
            "seccomp{} apparmor{profile_type:Localhost localhost_ref:'web'}",
            "SecurityOpt",
            "['apparmor=web']"),
        context(
            "apparmor_profile",
            "seccomp{} apparmor_profile:'localhost/web'",
            "SecurityOpt",
            "['apparmor=web']"),
        context(
            "seccomp_profile_path",
            "seccomp_profile_path:'unconfined'",
            "SecurityOpt",
            "['seccomp=unconfined']"));
  }

  static List<Row> namespaces() {
    String sandbox = "'container:" + "5a".repeat(32) + "'";
    return List.of(
        namespace("network", "network:POD", "NetworkMode", sandbox),
        refusedNamespace("network", "network:CONTAINER"),
        namespace("ipc", "ipc:POD", "IpcMode", sandbox),
        refusedNamespace("ipc", "ipc:CONTAINER"),
        namespace("pid", "pid:POD", "PidMode", sandbox),
        namespace("pid", "pid:NODE", "PidMode", "'host'"),
        namespace("target_id", "pid:TARGET target_id:'ab'", "PidMode", "'container:ab'"),
        refusedNamespace("userns_options", "userns_options{mode:POD}"));
  }

  private static Row limit(String field, String text, String name, String json) {
    return mapped(LIMITS + field, "linux{resources{" + text + "}}", "/HostConfig/" + name, json);
  }

  /** Written by Longshore when the container starts; until then it stands in the hidden label. */
  private static Row kernel(String field, String text, String json) {
    return mapped(
        LIMITS + field, "linux{resources{" + text + "}}", SpecCoverageTest.HIDDEN_LIMITS, json);
  }

  private static Row refusedNamespace(String field, String text) {
    return refused(
        NAMESPACES + field, secured("namespace_options{" + text + "}"), UNSUPPORTED, field);
  }

  private static String bind(String text) {
    return "mounts{" + BIND + text + "}";
  }
}
