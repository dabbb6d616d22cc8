#include "chain.hpp"

#include <stdexcept>

namespace pixret {
namespace {

constexpr std::size_t kDigestSize = 32;
constexpr std::size_t kItemDigestSize = 16;

}  // namespace

Chain::Chain()
    : sha256_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()), digest_(kDigestSize, '\0') {
  if (!sha256_ || !context_) throw std::runtime_error("this OpenSSL has no SHA-256");
}

void Chain::extend(const std::string& canonical) {
  hash(canonical, item_);
  link_.assign(digest_).append(item_, 0, kItemDigestSize);
  hash(link_, digest_);
}

void Chain::hash(const std::string& bytes, std::string& into) {
  into.resize(kDigestSize);
  const bool done = EVP_DigestInit_ex2(context_.get(), sha256_.get(), nullptr) == 1 &&
                    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1 &&
                    EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(into.data()), nullptr) == 1;
  if (!done) throw std::runtime_error("OpenSSL could not compute a SHA-256 digest");
}

}  // namespace pixret
