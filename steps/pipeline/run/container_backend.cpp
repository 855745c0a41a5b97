#include "steps/pipeline/run/container_backend.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "steps/error.hpp"
#include "steps/pipeline/run/process_start.hpp"

namespace gradstep::pipeline {
namespace {

/// The words of a container's own command: bash where the image has it, else its sh. The kernel
/// gives process 1 no default action for SIGTERM, and ends all others with it: it hands the signal
/// to them and waits until they have ended. Nothing else may do so: `kill -1` reaches everybody.
constexpr const char* choose_shell = R"(gradstep_shell=/bin/sh
command -v bash >/dev/null 2>&1 && gradstep_shell=bash
[ "$$" = 1 ] || exec "$gradstep_shell" -c "$1"
gradstep_ended=
trap 'gradstep_ended=yes; kill -TERM -1' TERM
gradstep_env='env --default-signal=INT,QUIT'
$gradstep_env true 2>/dev/null || gradstep_env=
$gradstep_env "$gradstep_shell" -c "$1" &
gradstep_child=$!
wait "$gradstep_child"
gradstep_code=$?
while kill -0 "$gradstep_child" 2>/dev/null; do
  wait "$gradstep_child"
  gradstep_code=$?
done
while [ "$gradstep_ended" ] && kill -0 -1 2>/dev/null; do
  sleep 0.05 || break
done
exit "$gradstep_code")";

/// `.invalid` is nobody's (RFC 2606): an image there stands for one that is not released.
bool is_placeholder(const std::string& image) {
  const std::string host = image.substr(0, image.find_first_of("/:"));
  return host.ends_with(".invalid");
}

/// A field of --mount, which is a line of CSV.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

void add_mount(const std::string& source, const std::string& target, bool read_only,
               std::vector<std::string>& arguments) {
  arguments.push_back("--mount");
  arguments.push_back("type=bind," + csv_field("source=" + source) + ',' +
                      csv_field("target=" + target) + (read_only ? ",readonly" : ""));
}

/// Where a value lies within the container.
std::string place_of(const BoundValue& value, bool is_output) {
  const std::string folder = std::string("/gradstep/") + (is_output ? "outputs/" : "inputs/");
  const bool is_file = value.type == PortType::uri_file ||
                       (!is_output && std::filesystem::is_regular_file(value.path));
  return folder + value.name + (is_file ? '/' + value.path.filename().string() : "");
}

// A file that does not exist yet cannot be mounted: its folder is.
void add_mounts(const BoundStep& step, std::vector<std::string>& arguments) {
  add_mount(step.folder / "wd", "/gradstep/wd", false, arguments);
  for (const BoundValue& input : step.inputs)
    if (!input.path.empty()) add_mount(input.path, place_of(input, false), true, arguments);
  for (const BoundValue& output : step.outputs) {
    const bool is_file = output.type == PortType::uri_file;
    add_mount(is_file ? output.path.parent_path() : output.path, "/gradstep/outputs/" + output.name,
              false, arguments);
  }
}

/// Variables that change what podman or docker itself does: these cannot stand in its environment.
bool concerns_the_client(const std::string& name) {
  constexpr std::array<std::string_view, 10> beginnings = {
      "PATH",    "HOME",      "LD_",      "TMP",      "XDG_",
      "DOCKER_", "CONTAINER", "STORAGE_", "BUILDAH_", "DBUS_"};
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return name.starts_with(beginning); });
}

/// Variables for the container: through the client's own environment, where no list of processes
/// shows them, but for those that would change the client.
void hand_over(const Pairs& variables, std::vector<std::string>& arguments, Pairs& environment) {
  for (const auto& [name, value] : variables) {
    arguments.emplace_back("--env");
    arguments.push_back(name);
    if (concerns_the_client(name)) {
      arguments.back() += '=' + value;
    } else {
      environment.emplace_back(name, value);
    }
  }
}

bool is_on_this_machine(const std::string& uri) {
  const std::size_t scheme = uri.find("://");
  if (scheme == std::string::npos) return false;
  std::string host = uri.substr(scheme + 3);
  host = host.substr(0, host.find('/'));
  host = host.substr(host.rfind('@') + 1);  // npos + 1 is 0
  if (host.starts_with('[')) return host.starts_with("[::1]");
  host = host.substr(0, host.find(':'));
  const bool is_address = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || (is_address && host.starts_with("127."));
}

std::string container_name(const std::string& step) {
  std::string name = "gradstep-" + std::to_string(::getpid()) + '-' + step;
  std::replace_if(
      name.begin(), name.end(),
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '_' && c != '.' && c != '-'; },
      '_');
  return name;
}

}  // namespace

ContainerBackend::ContainerBackend(std::string program, bool without_tracking)
    : name_(std::move(program)), environment_(inherited_environment(without_tracking)) {
  program_ = find_program(name_, value_of(environment_, "PATH"));
}

void ContainerBackend::prepare(const Plan& plan, const Log& log) {
  for (const Step& step : plan.steps) {
    const std::string name = step.environment.empty() ? step.name : step.environment;
    const std::string advice = "; name one that is: --image " + name + "=IMAGE";
    if (step.image.empty())
      throw UsageError("step " + step.name + ": its environment names no image that is known here" +
                       advice);
    if (is_placeholder(step.image))
      throw UsageError("step " + step.name + ": the image '" + step.image +
                       "' stands for one that is not released yet" + advice);
  }
  if (program_.empty()) throw BackendUnavailable("there is no " + name_ + " on PATH");
  for (const Step& step : plan.steps) {
    std::string& id = images_[step.image];
    if (id.empty()) id = image_id(step.image);
    if (id.empty()) {
      log.say("pulling " + step.image);
      (void)output_of({program_, "pull", "--quiet", step.image});
      id = image_id(step.image);
    }
    if (id.empty())
      throw BackendUnavailable(name_ + " has no image '" + step.image + "' and cannot pull it");
  }
}

std::string ContainerBackend::image_id(const std::string& image) const {
  const std::string id =
      output_of({program_, "image", "inspect", "--format", "{{.Id}}", image}, Errors::lost)
          .value_or("");
  return id.substr(0, id.find('\n'));
}

std::string ContainerBackend::identity(const Step& step, TreeHash& /*hash*/) {
  return images_.at(step.image);
}

ChildCommand ContainerBackend::command(const BoundStep& step) const {
  const ShellCommand filled = fill_command(step.step->command, values_of(step, place_of));
  const std::string container = container_name(step.name);
  ChildCommand command;
  command.name = step.name;
  command.folder = step.folder;
  command.log = step.folder / "std_log.txt";
  command.kill = {program_, "kill", container};
  command.terminate = {program_, "kill", "--signal", "TERM", container};
  command.arguments = {program_, "run", "--rm", "--name", container};
  for (const char* word : {"--user", "0:0", "--entrypoint", "/bin/sh", "--workdir", "/gradstep/wd",
                           "--security-opt", "label=disable"})
    command.arguments.emplace_back(word);
  add_devices_and_network(*step.step, command.arguments);
  add_mounts(step, command.arguments);

  Pairs variables;
  for (const auto& variable : environment_)
    if (variable.first.starts_with("MLFLOW_")) variables.push_back(variable);
  for (const Pairs* more : {&step.step->variables, &step.variables, &filled.variables})
    variables.insert(variables.end(), more->begin(), more->end());
  Pairs environment = environment_;
  hand_over(variables, command.arguments, environment);
  command.environment = as_environment(environment);

  for (const std::string& word : {images_.at(step.step->image), std::string("-c"),
                                  std::string(choose_shell), std::string("sh")})
    command.arguments.push_back(word);
  command.arguments.push_back(filled.script);
  return command;
}

void ContainerBackend::add_devices_and_network(const Step& step,
                                               std::vector<std::string>& arguments) const {
  const auto add = [&](const char* flag, const char* value) {
    arguments.emplace_back(flag);
    arguments.emplace_back(value);
  };
  if (step.environment.ends_with("gpu")) {
    // podman knows GPUs by the names of the Container Device Interface.
    if (name_ == "podman") {
      add("--device", "nvidia.com/gpu=all");
    } else {
      add("--gpus", "all");
    }
  }
  if (is_on_this_machine(value_of(environment_, "MLFLOW_TRACKING_URI"))) add("--network", "host");
}

}  // namespace gradstep::pipeline
