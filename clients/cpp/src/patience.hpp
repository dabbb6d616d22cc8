#pragma once

#include <chrono>
#include <optional>
#include <random>

namespace pixret {

/// How long, and how, a client goes on trying when its server is away.
class Patience {
 public:
  explicit Patience(std::chrono::milliseconds limit,
                    std::optional<std::chrono::system_clock::time_point> deadline = std::nullopt);

  /// Takes note that the server got on: it may be away for as long again.
  void renew();

  /// Waits before another try, for a random time whose bound doubles; false when there is no patience left for it.
  bool wait();

 private:
  using Clock = std::chrono::steady_clock;

  const std::chrono::milliseconds limit_;
  const std::optional<std::chrono::system_clock::time_point> deadline_;
  Clock::time_point end_;
  std::chrono::duration<double> bound_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace pixret
