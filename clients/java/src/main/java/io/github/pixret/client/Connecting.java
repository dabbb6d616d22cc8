package io.github.pixret.client;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelRegistry;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

/** How to reach a server, and how to show who one is. */
final class Connecting {
  private static final Pattern LOCAL =
      Pattern.compile("(localhost|127(\\.\\d+){3}|\\[::1\\]):\\d+");
  private static final String KEY = "-----BEGIN PRIVATE KEY-----";
  private static final Pattern TOKEN = Pattern.compile("[!-~]+");
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final String address;
  private TlsChannelCredentials.Builder tls; // null for plaintext
  private String token; // null for none

  Connecting(String address) {
    this.address = address;
  }

  TlsChannelCredentials.Builder tls() {
    if (tls == null) {
      tls = TlsChannelCredentials.newBuilder();
    }
    return tls;
  }

  void trust(Path certificates) throws IOException {
    checkCertificates(certificates);
    tls().trustManager(certificates.toFile());
  }

  void identity(Path certificate, Path key) throws IOException {
    checkCertificates(certificate);
    checkKey(key);
    tls().keyManager(certificate.toFile(), key.toFile());
  }

  void token(String value) {
    if (!TOKEN.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "the token holds other characters than a token does; pass it without spaces and line ends");
    }
    token = value;
  }

  Calls calls(Duration timeout, Duration patience) {
    if (token != null && tls == null && !LOCAL.matcher(address).matches()) {
      throw new IllegalArgumentException(
          "a token is not sent to " + address + " in plaintext; connect by TLS");
    }
    ManagedChannel connection = open();
    return new Calls(
        connection,
        authorized(connection),
        timeout,
        patience,
        new AtomicBoolean(),
        Optional.empty());
  }

  private ManagedChannel open() {
    try {
      return Grpc.newChannelBuilder(
              "dns:///" + address, tls == null ? InsecureChannelCredentials.create() : tls.build())
          .maxInboundMessageSize(Integer.MAX_VALUE) // a report is as long as it is
          .keepAliveTime(30, TimeUnit.SECONDS)
          .keepAliveTimeout(10, TimeUnit.SECONDS)
          .build();
    } catch (ManagedChannelRegistry.ProviderNotFoundException unusable) {
      throw new IllegalArgumentException(
          "no connection to " + address + " can be made like this: " + unusable.getMessage(),
          unusable);
    }
  }

  private Channel authorized(Channel connection) {
    if (token == null) {
      return connection;
    }
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + token);
    return ClientInterceptors.intercept(
        connection, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** Checks the form of a key, which what builds channels would not name. */
  static void checkKey(Path path) throws IOException {
    if (!Files.readString(path, StandardCharsets.ISO_8859_1).contains(KEY)) {
      throw new IllegalArgumentException(
          path
              + " holds no private key in PKCS #8; openssl pkcs8 -topk8 -nocrypt -in "
              + path
              + " makes one of those in other forms");
    }
  }

  private static void checkCertificates(Path path) throws IOException {
    try (InputStream pem = new FileInputStream(path.toFile())) {
      if (!CertificateFactory.getInstance("X.509").generateCertificates(pem).isEmpty()) {
        return;
      }
    } catch (CertificateException foreign) {
      throw new IllegalArgumentException(path + " holds no certificate in PEM", foreign);
    }
    throw new IllegalArgumentException(path + " holds no certificate in PEM");
  }
}
