/// Streams a submission in JSON Lines to a scoring server and prints the report.
#include <CLI/CLI.hpp>
#include <exception>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <pixret/client.hpp>
#include <pixret/submission.hpp>

namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void show(const pixret::Snapshot& snapshot) {
  const auto found = snapshot.protocols.find("medium");
  if (found == snapshot.protocols.end()) return;
  const auto& [miou, map_50_95, map] = found->second.strict.segmentation;
  if (!miou || !map_50_95) return;
  std::cerr << std::fixed << std::setprecision(2) << snapshot.offset << " items: medium mIoU " << 100 * *miou
            << ", mAP " << 100 * *map_50_95 << '\n';
}

void complain(const pixret::Rejection& refused) {
  std::cerr << "rejected: item " << refused.offset << ", " << refused.reason << ": " << refused.message << '\n';
}

pixret::Report score(pixret::Client& client, const std::string& benchmark, const std::string& path) {
  std::ifstream lines(path);
  pixret::SendOptions options;
  options.snapshot_interval = std::chrono::seconds(1);
  options.on_snapshot = show;
  options.on_rejection = complain;
  const auto session = client.create_session(benchmark);
  const auto progress = client.send(session.name, pixret::read_submission(lines), options);
  return client.finalize(session.name, progress.totals());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Streams a submission in JSON Lines to a scoring server and prints the report.");
  std::string server = "127.0.0.1:50051", benchmark = "mini", token_file, ca, path;
  app.add_option("--server", server, "HOST:PORT of the scoring server")->capture_default_str();
  app.add_option("--benchmark", benchmark, "benchmark to score against")->capture_default_str();
  app.add_option("--token-file", token_file, "file that holds a bearer token")->check(CLI::ExistingFile);
  app.add_option("--tls-ca", ca, "connect by TLS, and trust the certificates in this PEM file")
      ->check(CLI::ExistingFile);
  app.add_option("submission", path, "file to score")->required()->check(CLI::ExistingFile);
  CLI11_PARSE(app, argc, argv);
  try {
    pixret::ClientOptions options;
    if (!token_file.empty()) std::ifstream(token_file) >> options.token;
    if (!ca.empty()) options.tls = pixret::Tls{contents(ca), {}, {}};
    pixret::Client client(server, options);
    std::cout << score(client, benchmark, path).json;
  } catch (const pixret::SubmissionError& error) {
    std::cerr << path << ": " << error.what() << '\n';
    return 2;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
