#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pixret/errors.hpp"
#include "pixret/items.hpp"
#include "pixret/records.hpp"

namespace pixret {

class Connection;

/// Speak TLS, and trust the certificates in the PEM text `ca`, or those that gRPC knows. `certificate` and `key` show
/// to the server who the client is.
struct Tls {
  std::string ca, certificate, key;
};

/// How to connect; the default is plaintext without a token.
struct ClientOptions {
  /// Bearer token that goes with every call. Without TLS it travels in plaintext, so keep such a server local.
  std::string token;
  std::optional<Tls> tls;
  /// How long one unary call may take. Streams take as long as they take.
  std::chrono::milliseconds timeout = std::chrono::seconds(60);
  /// How long a server that has answered may be away before a call other than `send` and `append` gives up.
  std::chrono::milliseconds patience = std::chrono::seconds(60);
};

/// What a session may be opened with.
struct SessionOptions {
  /// Lets a retry find the session of the first try; a random one is made when it is empty.
  std::string request_id;
  /// Images that the ranking holds beyond the index.
  std::uint32_t distractors = 0;
  /// Shown in lists.
  std::string display_name;
};

/// How to send.
struct SendOptions {
  /// Most items in a message. With single ones a stream is a hundred times slower.
  std::size_t batch_items = 256;
  /// After how long a batch goes out with the item that comes next, though it is not full.
  std::chrono::nanoseconds linger = std::chrono::milliseconds(500);
  /// How often snapshots come; without it only the last one does.
  std::optional<std::chrono::nanoseconds> snapshot_interval;
  /// Called with every snapshot, one after the other, in a thread of the client's.
  std::function<void(const Snapshot&)> on_snapshot;
  /// Called once with every item that is refused while this runs, in the same thread.
  std::function<void(const Rejection&)> on_rejection;
  /// How long a server may be away, since anything was acknowledged, before sending gives up.
  std::chrono::milliseconds patience = std::chrono::seconds(120);
  /// When sending has to be done.
  std::optional<std::chrono::system_clock::time_point> deadline;
};

/// Speaks to one scoring server. Every method throws an Error when the server refuses; all may be called from several
/// threads at once.
class Client {
 public:
  /// A client of the server at HOST:PORT, which connects with the first call. std::invalid_argument for a token that no
  /// call can carry.
  explicit Client(const std::string& address, const ClientOptions& options = {});
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  /// All benchmarks of the server, without names.
  std::vector<Benchmark> benchmarks();
  /// One benchmark, with the names of its queries and index images.
  Benchmark benchmark(const std::string& name);

  /// Opens a session, or finds the one that the same request_id opened before.
  Session create_session(const std::string& benchmark, const SessionOptions& options = {});
  /// A session as it stands.
  Session session(const std::string& name);
  /// All sessions, oldest first.
  std::vector<Session> sessions();
  /// Ends a session and forgets what it holds.
  void delete_session(const std::string& name);

  /// Streams items to a session until the server has acknowledged all of them. The items are the whole submission: as
  /// many as the session holds already are passed over, and compared with what it holds. A connection that breaks is
  /// taken up again, and what was not acknowledged is sent again; exactly one outcome is counted for each item. What
  /// the source or a callback throws ends the stream and is thrown here.
  Progress send(const std::string& session, const Source& items, const SendOptions& options = {});
  /// Sends like `send`, by one call for each batch, where a stream is awkward. The one snapshot comes at the end, and
  /// callbacks are called in the caller's thread.
  Progress append(const std::string& session, const Source& items, const SendOptions& options = {});

  /// The metrics of what a session has received.
  Snapshot snapshot(const std::string& session);
  /// The refused items of a session, by offset.
  std::vector<Rejection> rejections(const std::string& session);
  /// Closes a session and returns its report. Again, it gives the same report.
  Report finalize(const std::string& session, const Totals& totals);

 private:
  std::unique_ptr<Connection> connection_;
};

}  // namespace pixret
