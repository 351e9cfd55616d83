// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.spi.AllocatorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A drawn set of devices, mappers and allocators, as both the code under test and the oracle read it. */
final class RandomCase {
    final Map<String, List<Card>> devices = new TreeMap<>();
    final Map<String, MapperFacts> mappers = new TreeMap<>();
    final Stage stage = new Stage();
    final Demand demand;
    final boolean waits;
    private final SplittableRandom random;

    RandomCase(long seed) {
        random = new SplittableRandom(seed);
        int count = List.of(1, 2, 2, 2, 2, 3, 3, 3, 4, 5).get(random.nextInt(10));
        for (int i = 0; i < count; i++) {
            devices.put(name(), cards(count));
        }
        for (String domain : List.of("d0", "d1")) {
            drawMapper(domain);
        }
        drawAllocators();
        waits = random.nextInt(10) == 0;
        if (waits) {
            stage.waiting();
        }
        demand = Demand.of(1 + random.nextInt(200), Card.PAGE, random.nextInt(3) == 0 ? 64 : 1, Set.of());
    }

    /** Names beyond the letters, too: they sort by code points. */
    private String name() {
        return List.of("a", "B", "c", "\uFFFD", "\uD83D\uDE00", "e").get(random.nextInt(6)) + random.nextInt(100);
    }

    private List<Card> cards(int devices) {
        int ways = random.nextInt(3) == 0 ? 1 + random.nextInt(devices > 3 ? 2 : 3) : 1;
        List<Card> cards = new ArrayList<>();
        for (int i = 0; i < ways; i++) {
            cards.add(Card.draw(random));
        }
        return cards;
    }

    private void drawMapper(String domain) {
        if (random.nextInt(4) > 0) {
            long first = 16L * random.nextInt(8);
            MapperFacts facts = new MapperFacts(
                    16L << random.nextInt(3),
                    AddressRanges.of(new AddressRange(first, first + 64L * (1 + random.nextInt(16)) - 1)),
                    new AddressRange(0, random.nextBoolean() ? Card.SPACE - 1 : 511));
            mappers.put(domain, facts);
            stage.mapper(domain, facts);
        }
    }

    private void drawAllocators() {
        for (int i = random.nextInt(4); i > 0; i--) {
            Set<String> rejects = devices.keySet().stream()
                    .filter(name -> random.nextInt(5) == 0)
                    .collect(Collectors.toSet());
            stage.allocator(
                    new AllocatorSpec(
                            "allocator" + i,
                            0,
                            "drawn",
                            "drawn",
                            random.nextBoolean() ? Optional.of("p" + random.nextInt(3)) : Optional.empty(),
                            random.nextInt(3) == 0 ? OptionalInt.of(random.nextInt(3)) : OptionalInt.empty(),
                            random.nextBoolean(),
                            random.nextBoolean(),
                            Set.of()),
                    rejects.toArray(String[]::new));
        }
    }

    List<Member> members() {
        return devices.entrySet().stream()
                .map(device -> new Member(
                        device.getKey(), device.getValue().stream().map(Card::path).toList(), Optional.empty()))
                .toList();
    }

    Oracle.Verdict expected() {
        return new Oracle(devices, mappers, stage.actors(), waits, demand).verdict();
    }

    @Override
    public String toString() {
        return demand + " mappers=" + mappers + " allocators=" + stage.actors() + " waits=" + waits + "\n"
                + devices.entrySet().stream().map(Object::toString).collect(Collectors.joining("\n"));
    }
}
