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

/** Every field of PodSandboxConfig, and what Docker Engine 28 is asked for it. */
final class SandboxRows {
  private SandboxRows() {}

  static List<Row> pod() {
    return List.of(
        notDockers("metadata", "the sandbox's name, k8s_POD_<name>_…_<attempt>"),
        mapped("hostname", "hostname:'web-0'", "/Hostname", "'web-0'"),
        notDockers("log_directory", "labels of the containers; the sandbox has no log"),
        mapped(
            "dns_config.servers",
            "dns_config{servers:'10.96.0.10'}",
            "/HostConfig/Dns",
            "['10.96.0.10']"),
        mapped(
            "dns_config.searches",
            "dns_config{searches:'svc.local'}",
            "/HostConfig/DnsSearch",
            "['svc.local']"),
        mapped(
            "dns_config.options",
            "dns_config{options:'ndots:5'}",
            "/HostConfig/DnsOptions",
            "['ndots:5']"),
        notDockers("port_mappings", "CNI's portMappings; see PodNetworkRequestsTest"),
        mapped("labels", "labels{key:'app' value:'web'}", "/Labels/app", "'web'"),
        mapped("annotations", "annotations{key:'n' value:'x'}", "/Labels/annotation.n", "'x'"),
        mapped(
            "linux.cgroup_parent",
            "linux{cgroup_parent:'/kubepods.slice/kubepods-pod1.slice'}",
            "/HostConfig/CgroupParent",
            "'kubepods-pod1.slice'"),
        mapped(
            "linux.sysctls",
            "linux{sysctls{key:'net.core.somaxconn' value:'9'}}",
            "/HostConfig/Sysctls",
            "{'net.core.somaxconn':'9'}"),
        notDockers("linux.overhead", "the kubelet's: it makes the pod's cgroup, overhead included"),
        notDockers("linux.resources", "the kubelet's: it makes the pod's cgroup"),
        refused("windows", "windows{}", UNSUPPORTED, "config.windows"));
  }

  static List<Row> security() {
    return List.of(
        context(
            "selinux_options",
            "selinux_options{user:'u' role:'r' type:'t' level:'l'}",
            "SecurityOpt",
            "['no-new-privileges','label=user:u','label=role:r','label=type:t','label=level:l']"),
        user("run_as_user", "run_as_user{value:7}", "'7'"),
        user("run_as_group", "run_as_user{value:7} run_as_group{value:8}", "'7:8'"),
        refused(
            SECURITY + "run_as_group", secured("run_as_group{value:8}"), INVALID, "run_as_group"),
        context("readonly_rootfs", "readonly_rootfs:true", "ReadonlyRootfs", "true"),
        context("supplemental_groups", "supplemental_groups:5", "GroupAdd", "['5']"),
        notDockers(
            SECURITY + "supplemental_groups_policy", "nobody's: the pause image has no groups"),
        context("privileged", "privileged:true", "Privileged", "true"),
        context(
            "seccomp",
            "seccomp{profile_type:Unconfined}",
            "SecurityOpt",
            "['no-new-privileges','seccomp=unconfined']"),
        refused(
            SECURITY + "seccomp",
            secured("seccomp{profile_type:Localhost localhost_ref:'/no/such'}"),
            INVALID,
            "seccomp.localhost_ref"),
        context(
            "seccomp_profile_path",
            "seccomp_profile_path:'unconfined'",
            "SecurityOpt",
            "['no-new-privileges','seccomp=unconfined']"),
        context(
            "apparmor",
            "apparmor{profile_type:Localhost localhost_ref:'p'}",
            "SecurityOpt",
            "['no-new-privileges','apparmor=p']"),
        namespace("network", "network:POD", "NetworkMode", "'none'"),
        namespace("network", "network:NODE", "NetworkMode", "'host'"),
        namespace("network", "network:NODE", "UTSMode", "'host'"),
        namespace("pid", "pid:NODE", "PidMode", "'host'"),
        namespace("ipc", "ipc:POD", "IpcMode", "'shareable'"),
        namespace("ipc", "ipc:NODE", "IpcMode", "'host'"),
        refused(
            NAMESPACES + "target_id",
            secured("namespace_options{pid:TARGET target_id:'ab'}"),
            INVALID,
            "namespace_options.pid"),
        refused(
            NAMESPACES + "userns_options",
            secured("namespace_options{userns_options{mode:POD}}"),
            INVALID,
            "userns_options"));
  }
}
