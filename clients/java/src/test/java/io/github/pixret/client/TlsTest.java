package io.github.pixret.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pixret.scoring.v1.ScoringServiceGrpc.ScoringServiceImplBase;

/**
 * Connections to a server that shows a certificate, and answers every call with the token that it
 * was shown.
 */
class TlsTest {
  private static final String PASSWORD = "password";

  @TempDir static Path folder;
  private static Server server;

  @BeforeAll
  static void serve() throws Exception {
    makeCertificate("own");
    makeCertificate("other");
    var credentials =
        TlsServerCredentials.create(file("own.pem").toFile(), file("own.key").toFile());
    server =
        Grpc.newServerBuilderForPort(0, credentials)
            .addService(new ScoringServiceImplBase() {})
            .intercept(new Echo())
            .build()
            .start();
  }

  @AfterAll
  static void stop() {
    server.shutdownNow();
  }

  private static Path file(String name) {
    return folder.resolve(name);
  }

  /** A certificate that signs itself, and its key, by the tool that comes with Java. */
  private static void makeCertificate(String name) throws Exception {
    Path store = file(name + ".p12");
    Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    Process made =
        new ProcessBuilder(
                tool.toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD)
            .inheritIO()
            .start();
    assertEquals(0, made.waitFor());
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream stored = Files.newInputStream(store)) {
      keys.load(stored, PASSWORD.toCharArray());
    }
    writePem(file(name + ".pem"), "CERTIFICATE", keys.getCertificate(name).getEncoded());
    Key key = keys.getKey(name, PASSWORD.toCharArray());
    writePem(file(name + ".key"), "PRIVATE KEY", key.getEncoded());
  }

  private static void writePem(Path path, String kind, byte[] encoded) throws IOException {
    String body = Base64.getMimeEncoder().encodeToString(encoded);
    Files.writeString(
        path, "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(kind, body, kind));
  }

  private static PixretException refusal(String trusted) throws IOException {
    PixretClient.Builder builder =
        PixretClient.builder("localhost:" + server.getPort()).token("secret");
    try (PixretClient client = builder.trust(file(trusted)).build()) {
      return assertThrows(PixretException.class, client::benchmarks);
    }
  }

  @Test
  void aTokenIsShownToAServerThatIsTrusted() throws IOException {
    PixretException echo = refusal("own.pem");
    assertEquals(Status.Code.UNAUTHENTICATED, echo.code());
    assertEquals("Bearer secret (UNAUTHENTICATED)", echo.getMessage());
  }

  @Test
  void aServerOfAnotherAuthorityIsNotSpokenTo() throws IOException {
    PixretException failed = refusal("other.pem");
    assertTrue(failed.isUnavailable());
    assertTrue(failed.getMessage().contains("certification path"), failed.getMessage());
  }

  private static final class Echo implements ServerInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      call.close(
          Status.UNAUTHENTICATED.withDescription(headers.get(AUTHORIZATION)), new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }
}
