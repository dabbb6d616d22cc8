package io.github.pixret.client;

import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** How to reach a server, and how to show who one is. */
final class Connecting {
  private static final Pattern LOCAL =
      Pattern.compile("(localhost|127(\\.\\d+){3}|\\[::1\\]):\\d+");
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

  void trust(Path certificates) {
    try {
      tls().trustManager(certificates.toFile());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  void identity(Path certificate, Path key) {
    try {
      tls().keyManager(certificate.toFile(), key.toFile());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  void token(String value) {
    if (!TOKEN.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "the token holds other characters than a token does; pass it without spaces and line ends");
    }
    token = value;
  }

  Calls calls(Duration timeout) {
    if (token != null && tls == null && !LOCAL.matcher(address).matches()) {
      throw new IllegalArgumentException(
          "a token is not sent to " + address + " in plaintext; connect by TLS");
    }
    ManagedChannel connection = open();
    return new Calls(connection, authorized(connection), timeout, Optional.empty());
  }

  private ManagedChannel open() {
    ChannelCredentials credentials =
        tls == null ? InsecureChannelCredentials.create() : tls.build();
    return Grpc.newChannelBuilder("dns:///" + address, credentials)
        .maxInboundMessageSize(Integer.MAX_VALUE) // a report is as long as it is
        .keepAliveTime(30, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .build();
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
}
