// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.osgi.framework.ServiceReference;

/** Services that declarative services bind twice, late, or not at all. */
class BoundTest {
    private final ServiceReference<?> service = reference();
    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
    private final Bound<String> bound = new Bound<>(party -> seen.add("-" + party));

    private static ServiceReference<?> reference() {
        return (ServiceReference<?>) Proxy.newProxyInstance(
                ServiceReference.class.getClassLoader(), new Class<?>[] {ServiceReference.class},
                (proxy, method, values) -> switch (method.getName()) {
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == values[0];
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private Supplier<Optional<String>> arrival(String party) {
        return () -> {
            seen.add("+" + party);
            return Optional.of(party);
        };
    }

    @Test
    void whatIsBoundTwiceArrivesOnceAndDepartsOnce() {
        bound.bind(service, arrival("a"));
        bound.bind(service, arrival("b"));
        bound.unbind(service);
        assertThat(seen).containsExactly("+a", "-a");
    }

    @Test
    void whatLeftBeforeItCameDoesNotArrive() {
        bound.unbind(service);
        bound.bind(service, arrival("a"));
        assertThat(seen).isEmpty();
    }

    @Test
    void whatLeftMayComeAgain() {
        bound.bind(service, arrival("a"));
        bound.unbind(service);
        bound.bind(service, arrival("b"));
        assertThat(seen).containsExactly("+a", "-a", "+b");
    }

    @Test
    void aChangeReachesWhatArrivedAndLetsTheRefusedArrive() {
        bound.update(service, party -> seen.add("never"), arrival("never"));
        bound.bind(service, Optional::empty);
        bound.update(service, party -> seen.add("never"), arrival("a"));
        bound.update(service, party -> seen.add("changed " + party), arrival("never"));
        bound.unbind(service);
        bound.update(service, party -> seen.add("never"), arrival("never"));
        assertThat(seen).containsExactly("+a", "changed a", "-a");
    }

    @Test
    void whoBindsMeanwhileDoesNotWaitAndWhoUnbindsDoes() {
        CountDownLatch arriving = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<Void> first = run(() -> bound.bind(service, () -> {
            arriving.countDown();
            Waiting.on(go);
            return arrival("a").get();
        }));
        Waiting.on(arriving);
        bound.bind(service, arrival("b"));
        bound.bind(reference(), arrival("other"));
        CompletableFuture<Void> leaving = run(() -> bound.unbind(service));
        go.countDown();
        CompletableFuture.allOf(first, leaving).join();
        assertThat(seen).containsExactly("+other", "+a", "-a");
    }

    private static CompletableFuture<Void> run(Runnable action) {
        return CompletableFuture.runAsync(action, work -> Thread.ofPlatform().start(work));
    }
}
