#include "connection.hpp"

#include <algorithm>
#include <stdexcept>

namespace pixret {
namespace {

std::shared_ptr<grpc::ChannelCredentials> credentials(const std::optional<Tls>& tls) {
  if (!tls) return grpc::InsecureChannelCredentials();
  if (tls->certificate.empty() != tls->key.empty()) {
    throw std::invalid_argument("certificate and key belong together; give both or neither");
  }
  return grpc::SslCredentials({tls->ca, tls->key, tls->certificate});
}

grpc::ChannelArguments arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);               // a report is as long as it is
  arguments.SetMaxSendMessageSize(-1);                  // the limits are the server's, whose errors name them
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 12000);  // servers of ours allow a ping every 10 s
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // a source may be slow for long
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 10000);  // not a pause, but how long an attempt may take
  // Ours is the backoff; gRPC's own would hold it up.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  return arguments;
}

/// gRPC ends the process when it is handed metadata that no header can carry.
std::string checked(const std::string& token) {
  if (!std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; })) {
    throw std::invalid_argument(
        "the token holds other characters than a token does; pass it without spaces and line ends");
  }
  return token;
}

}  // namespace

Connection::Connection(const std::string& address, const ClientOptions& options)
    : token_(checked(options.token)),
      timeout_(options.timeout),
      patience_(options.patience),
      stub_(scoring::v1::ScoringService::NewStub(
          grpc::CreateCustomChannel(address, credentials(options.tls), arguments()))) {}

void Connection::authorize(grpc::ClientContext& context) const {
  if (!token_.empty()) context.AddMetadata("authorization", "Bearer " + token_);
}

}  // namespace pixret
