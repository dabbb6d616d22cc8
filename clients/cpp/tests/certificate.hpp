#pragma once

#include <string>

namespace pixret {

/// A certificate and its private key, both PEM.
struct Certified {
  std::string certificate, key;
};

/// A new certificate for an IP address, signed by itself, which is good for an hour.
Certified self_signed(const std::string& address);

}  // namespace pixret
