#include "patience.hpp"

#include <algorithm>
#include <thread>

namespace pixret {
namespace {

using Seconds = std::chrono::duration<double>;
constexpr Seconds kFirst{0.1}, kMost{5.0};

}  // namespace

Patience::Patience(std::chrono::milliseconds limit, std::optional<std::chrono::system_clock::time_point> deadline)
    : limit_(limit), deadline_(deadline) {
  renew();
}

void Patience::renew() {
  end_ = Clock::now() + limit_;
  bound_ = kFirst;
}

bool Patience::wait() {
  const Seconds pause{std::uniform_real_distribution<double>(0.0, bound_.count())(random_)};
  if (Clock::now() + pause > end_) return false;
  if (deadline_ && std::chrono::system_clock::now() + pause > *deadline_) return false;
  std::this_thread::sleep_for(pause);
  bound_ = std::min(2 * bound_, kMost);
  return true;
}

}  // namespace pixret
