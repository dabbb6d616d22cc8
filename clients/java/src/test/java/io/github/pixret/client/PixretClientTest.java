package io.github.pixret.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PixretClientTest {
  private static String deadAddress() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return "127.0.0.1:" + socket.getLocalPort();
    }
  }

  @Test
  void aServerThatIsAwayIsUnavailableByName() throws IOException {
    String address = deadAddress();
    try (PixretClient client = PixretClient.connect(address)) {
      var failed = assertThrows(PixretException.class, client::benchmarks);
      assertEquals(Status.Code.UNAVAILABLE, failed.code());
      assertTrue(failed.isUnavailable());
      assertTrue(failed.getMessage().startsWith("scoring server " + address + " is not reached: "));
      assertTrue(failed.getMessage().contains("Connection refused"));
    }
  }

  @Test
  void sendingGivesUpWhenPatienceEnds() throws IOException {
    SendOptions options = SendOptions.builder().patience(Duration.ofMillis(300)).build();
    List<Item> items = List.of();
    try (PixretClient client = PixretClient.connect(deadAddress())) {
      var stream =
          assertThrows(
              PixretException.class, () -> client.send("sessions/a", items.iterator(), options));
      var calls =
          assertThrows(
              PixretException.class, () -> client.append("sessions/a", items.iterator(), options));
      assertTrue(stream.isUnavailable());
      assertTrue(calls.isUnavailable());
    }
  }

  @Test
  void aServerThatNeverAnswersMeetsTheDeadline() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        PixretClient client =
            PixretClient.builder("127.0.0.1:" + silent.getLocalPort())
                .timeout(Duration.ofMillis(200))
                .build()) {
      var failed = assertThrows(PixretException.class, client::benchmarks);
      assertEquals(Status.Code.DEADLINE_EXCEEDED, failed.code());
    }
  }

  @Test
  void aTokenIsNotSentInPlaintextToOtherMachines() {
    PixretClient.Builder builder = PixretClient.builder("scores.example:443").token("secret");
    var failed = assertThrows(IllegalArgumentException.class, builder::build);
    assertEquals(
        "a token is not sent to scores.example:443 in plaintext; connect by TLS",
        failed.getMessage());
    builder.tls().build().close();
  }

  @Test
  void aTokenWithALineEndIsRefused() {
    PixretClient.Builder builder = PixretClient.builder("127.0.0.1:1");
    var failed = assertThrows(IllegalArgumentException.class, () -> builder.token("secret\n"));
    assertEquals(
        "the token holds other characters than a token does; pass it without spaces and line ends",
        failed.getMessage());
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    var none =
        assertThrows(
            IllegalArgumentException.class, () -> SendOptions.builder().batchItems(0).build());
    assertEquals("batchItems is 0; give 1 or more", none.getMessage());
    SendOptions.Builder past = SendOptions.builder().linger(Duration.ofSeconds(-1));
    var negative = assertThrows(IllegalArgumentException.class, past::build);
    assertEquals("linger is PT-1S; it must not be negative", negative.getMessage());
  }

  @Test
  void aFileWithoutCertificatesIsRefusedByName(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("ca.pem"), "no certificate");
    PixretClient.Builder builder = PixretClient.builder("127.0.0.1:1");
    var failed = assertThrows(IllegalArgumentException.class, () -> builder.trust(file));
    assertEquals(file + " holds no certificate in PEM", failed.getMessage());
  }

  @Test
  void aKeyInAnotherFormIsRefusedByName(@TempDir Path folder) throws IOException {
    Path key = Files.writeString(folder.resolve("key.pem"), "-----BEGIN EC PRIVATE KEY-----");
    var failed = assertThrows(IllegalArgumentException.class, () -> Connecting.checkKey(key));
    assertEquals(
        key
            + " holds no private key in PKCS #8; openssl pkcs8 -topk8 -nocrypt -in "
            + key
            + " makes one of those in other forms",
        failed.getMessage());
  }
}
