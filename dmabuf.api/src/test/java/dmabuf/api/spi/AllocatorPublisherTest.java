// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import static org.assertj.core.api.Assertions.assertThat;

import doubles.RegistryDouble;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AllocatorPublisherTest {
    private final RegistryDouble registry = new RegistryDouble();
    private final List<String> complaints = new ArrayList<>();
    private final AllocatorPublisher publisher =
            new AllocatorPublisher(registry.context(), AllocatorPublisherTest::read, complaints::add);

    private static AllocatorPublisher.Offer read(Map<String, ?> configuration) {
        AllocatorSettings settings =
                AllocatorSettings.of(AllocatorSpec.of("bank", "bank", 1), Set.of("size"), configuration);
        long size = settings.requiredNumber("size");
        return new AllocatorPublisher.Offer(
                settings.spec(),
                size,
                () -> new AllocatorFactory.Product(silent(Allocator.class), List.of(silent(Mapper.class))));
    }

    /** Answers every question by a word. */
    private static <T> T silent(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> "smmu"));
    }

    @Test
    void registersAllocatorAndMappersWithTheirProperties() {
        publisher.configure(Map.of("size", "1M", "priority", 5));
        assertThat(registry.events).containsExactly("registered Mapper", "registered Allocator");
        assertThat(registry.only("Mapper").properties).containsExactlyEntriesOf(Map.of("dmabuf.mapper.domain", "smmu"));
        assertThat(AllocatorSpec.from(registry.only("Allocator").properties))
                .isEqualTo(AllocatorSpec.of("bank", "bank", 5));
    }

    @Test
    void aChangedPriorityTakesEffectInPlace() {
        publisher.configure(Map.of("size", "1M"));
        Object before = registry.only("Allocator").object;
        registry.events.clear();
        publisher.configure(Map.of("size", "1M", "priority", 9));
        assertThat(registry.events).containsExactly("changed Allocator");
        publisher.configure(Map.of("size", "1M", "priority", 9, "service.pid", "x"));
        assertThat(registry.events).as("nothing else is").hasSize(1);
        assertThat(registry.only("Allocator").object).isSameAs(before);
        assertThat(registry.only("Allocator").properties).containsEntry("dmabuf.allocator.priority", 9);
    }

    @Test
    void anotherSizeOrIdIsADepartureAndAnArrival() {
        publisher.configure(Map.of("size", "1M"));
        for (Map<String, String> other : List.of(Map.of("size", "2M"), Map.of("size", "2M", "id", "b2"))) {
            registry.events.clear();
            publisher.configure(other);
            assertThat(registry.events)
                    .containsExactly(
                            "unregistered Allocator", "unregistered Mapper", "registered Mapper",
                            "registered Allocator");
        }
    }

    @Test
    void aWrongConfigurationLeavesTheOldInForceAndSaysWhy() {
        publisher.configure(Map.of("size", "much", "service.pid", "bank~1"));
        publisher.configure(Map.of("size", "1M"));
        registry.events.clear();
        publisher.configure(Map.of());
        assertThat(registry.events).isEmpty();
        assertThat(complaints)
                .containsExactly(
                        "the configuration of bank~1 is refused: size=much of allocator bank: 'much' is not a number:"
                                + " write decimal, 0x or 0b, with K, M or G for a size; there is none in force",
                        "the configuration of this allocator is refused: size of allocator bank is missing; the old one"
                                + " stays in force");
    }

    @Test
    void withdrawsAllOnce() {
        publisher.configure(Map.of("size", "1M"));
        publisher.withdraw();
        publisher.withdraw();
        assertThat(registry.services).isEmpty();
        assertThat(registry.events).hasSize(4);
    }
}
