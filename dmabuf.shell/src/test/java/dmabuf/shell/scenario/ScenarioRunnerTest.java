// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DeviceInfo;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Exporter;
import dmabuf.api.Reason;
import dmabuf.api.spi.BoardReader;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.Sandbox;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runner against a sandbox that misbehaves; with the real core it is tested through the gateway. */
class ScenarioRunnerTest {
    @TempDir
    Path folder;

    /** A sandbox that knows devices, and does on merge what a test wants. */
    private interface Behaviour {
        DmaConstraints merge(List<String> devices) throws Exception;
    }

    private final List<String> warnings = new ArrayList<>();
    private final Semaphore closed = new Semaphore(0);

    private ScenarioServices services(Behaviour behaviour) {
        Exporter exporter = proxy(Exporter.class, (name, arguments) -> switch (name) {
            case "device" -> info((String) arguments[0]);
            case "merge" -> behaviour.merge(List.copyOf(names(arguments[0])));
            default -> throw new AssertionError(name);
        });
        Sandbox sandbox = proxy(Sandbox.class, (name, _) -> switch (name) {
            case "exporter" -> exporter;
            case "warnings" -> List.copyOf(warnings);
            case "addDevice", "removeDevice" -> null;
            case "close" -> {
                closed.release();
                yield null;
            }
            default -> throw new AssertionError(name);
        });
        return new ScenarioServices(
                () -> sandbox, proxy(MemoryService.class, (_, _) -> null), proxy(BoardReader.class, (_, _) -> null),
                Map.of());
    }

    private static Collection<String> names(Object argument) {
        return ((Collection<?>) argument).stream().map(Object::toString).toList();
    }

    private static DeviceInfo info(String name) {
        if (name.equals("nobody")) {
            throw new DmaBufException(Reason.INVALID, "unknown device nobody");
        }
        return new DeviceInfo(
                "/soc/" + name.replace("/soc/", ""), Optional.empty(), List.of(DmaPath.of(DmaConstraints.NEUTRAL)),
                Map.of(), List.of());
    }

    private interface Call {
        Object of(String method, Object[] arguments) throws Exception;
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type},
                (_, method, arguments) -> call.of(method.getName(), arguments)));
    }

    private String run(Behaviour behaviour, String text) throws Exception {
        Path file = Files.writeString(folder.resolve("a.scn"), text);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ScenarioRunner runner = new ScenarioRunner(
                services(behaviour), new PrintStream(bytes, true, StandardCharsets.UTF_8), Duration.ofMillis(300));
        runner.run("a.scn", file);
        return bytes.toString(StandardCharsets.UTF_8) + runner.summary();
    }

    @Test
    void aStatementThatHangsFailsItsCaseAndNoOther() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        AtomicInteger interrupts = new AtomicInteger();
        Behaviour hanging = devices -> {
            while (devices.contains("A")) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    // As foreign code that does not listen.
                    interrupts.incrementAndGet();
                }
            }
            return DmaConstraints.NEUTRAL;
        };
        assertThat(run(hanging, "case one\nmerge A\ncase two\nmerge B\n"))
                .isEqualTo("a.scn:2: case one: merge A: did not end within 300 ms\n1 passed, 1 failed");
    }

    @Test
    void whatNoContractKnowsIsAFailureEvenWhereARefusalIsExpected() throws Exception {
        Behaviour throwing = _ -> {
            throw new UnsupportedOperationException("oops");
        };
        assertThat(run(throwing, "case one\nmerge A -> INVALID\n"))
                .startsWith("a.scn:2: case one: merge A: came an unexpected"
                        + " java.lang.UnsupportedOperationException: oops at ");
        assertThat(closed.tryAcquire()).isTrue();
    }

    @Test
    void misuseIsInvalid() throws Exception {
        Behaviour misused = devices -> {
            throw devices.size() > 1 ? new IllegalArgumentException("two") : new IllegalStateException("one");
        };
        assertThat(run(misused, "case one\nmerge A -> INVALID\nmerge A,B -> INVALID\n")).isEqualTo("1 passed, 0 failed");
    }

    @Test
    void namesThatLeftAreGoneAndOthersUnknown() throws Exception {
        assertThat(run(_ -> DmaConstraints.NEUTRAL, "case one\nmerge A\nmerge nobody -> INVALID\nremove nobody -> INVALID\n"))
                .isEqualTo("1 passed, 0 failed");
    }

    @Test
    void warningsAreCountedByStatement() throws Exception {
        Behaviour warning = devices -> {
            devices.forEach(warnings::add);
            return DmaConstraints.NEUTRAL;
        };
        assertThat(run(warning, "case one\nmerge A,B -> ok warns=2\nmerge A -> ok warns=1 range=none\nmerge A -> ok warns=0\n"))
                .isEqualTo("a.scn:4: case one: merge A: expected ok warns=0, came warns=1\n0 passed, 1 failed");
    }

    @Test
    void everyWrongFactIsShownAndFactsCompareByMeaning() throws Exception {
        DmaConstraints some = DmaConstraints.builder()
                .addressRanges(AddressRanges.of(new AddressRange(0, 0xffff)))
                .pools(List.of("x", "y"))
                .accessMask(6)
                .build();
        assertThat(run(_ -> some, "case one\nmerge A -> ok range=0..65535 pools=y,x access=0b110 divisor=1 coherent=no\n"))
                .isEqualTo("1 passed, 0 failed");
        assertThat(run(_ -> some, "case one\nmerge A -> ok range=none pools=x access=6 align=none\n"))
                .isEqualTo("a.scn:2: case one: merge A: expected ok range=none pools=x access=6 align=none,"
                        + " came range=0x0..0xffff pools=x,y align=1\n0 passed, 1 failed");
    }

    @Test
    void aSandboxThatCannotBeClosedFailsItsCase() throws Exception {
        ScenarioServices broken = new ScenarioServices(
                () -> proxy(Sandbox.class, (name, _) -> switch (name) {
                    case "exporter" -> proxy(Exporter.class, (_, _) -> null);
                    case "close" -> throw new DmaBufException(Reason.BUSY, "leaked");
                    default -> null;
                }),
                proxy(MemoryService.class, (_, _) -> null), proxy(BoardReader.class, (_, _) -> null), Map.of());
        Path file = Files.writeString(folder.resolve("b.scn"), "case one\n");
        ScenarioRunner runner = new ScenarioRunner(broken, System.out, Duration.ofMillis(300));
        runner.run("b.scn", file);
        assertThat(runner.summary()).isEqualTo("0 passed, 1 failed");
    }

    @Test
    void aMissingFileIsAFailure() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ScenarioRunner runner =
                new ScenarioRunner(services(_ -> DmaConstraints.NEUTRAL), new PrintStream(bytes, true, StandardCharsets.UTF_8));
        runner.run("none.scn", folder.resolve("none.scn"));
        runner.run("binary.scn", Files.write(folder.resolve("binary.scn"), new byte[] {(byte) 0xff, (byte) 0xfe, 0}));
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .isEqualTo("none.scn: no such file\nbinary.scn: cannot be read: it is not UTF-8\n");
        assertThat(runner.summary()).isEqualTo("0 passed, 2 failed");
    }
}
