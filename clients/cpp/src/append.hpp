#pragma once

#include <string>

#include "batches.hpp"
#include "connection.hpp"
#include "patience.hpp"

namespace pixret {

/// Sends items by one call for each batch.
class Append {
 public:
  Append(Connection& connection, const std::string& session, const Source& source, const SendOptions& options);

  /// Sends everything.
  Progress run();

 private:
  void begin();
  void append(scoring::v1::ItemBatch&& batch);
  void end();

  /// Makes one call, again and again while the server is away and patience lasts: offsets make that safe.
  template <class Request, class Method>
  auto call(Method method, const Request& request) {
    for (patience_.renew();;) {
      try {
        return connection_.attempt(method, request, options_.deadline);
      } catch (const Error& error) {
        if (!error.is_unavailable() || !patience_.wait()) throw;
      }
    }
  }

  Connection& connection_;
  const std::string session_;
  const SendOptions& options_;
  Batcher batcher_;
  Patience patience_;
  Progress progress_;
};

}  // namespace pixret
