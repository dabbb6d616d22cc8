#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>

namespace pixret {

/// The chain digest of items in their order, as Session.chain_digest of the contract defines it.
class Chain {
 public:
  Chain();

  /// Takes one more item, by its canonical bytes.
  void extend(const std::string& canonical);

  const std::string& digest() const { return digest_; }

 private:
  void hash(const std::string& bytes, std::string& into);

  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
  };
  std::unique_ptr<EVP_MD, Free> sha256_;
  std::unique_ptr<EVP_MD_CTX, Free> context_;
  std::string digest_, link_, item_;
};

}  // namespace pixret
