// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What {@code match} answers. */
final class MatchChecks {
    private static final String GROUP = "match";
    private static final int ROUNDS = 200;

    private MatchChecks() {}

    static List<Check> all() {
        return List.of(
                new Check("match-same", GROUP,
                        "match answers the same for an equal participant, whatever is allocated in between",
                        "Allocator.match", MatchChecks::same),
                new Check("match-harmless", GROUP,
                        "match changes nothing",
                        "Allocator.match", MatchChecks::harmless),
                new Check("match-kept", GROUP,
                        "whoever is matched gets a page from an allocator of which nothing is out",
                        "Allocator.match", MatchChecks::kept));
    }

    private static List<Participant> devices(Bench bench) {
        List<Participant> devices = new ArrayList<>(bench.candidate().friends().offered(bench.specimen()));
        List<DmaConstraints> shapes = List.of(
                DmaConstraints.builder().maxSegments(1).build(),
                DmaConstraints.builder().addressRanges(AddressRanges.of(new AddressRange(0, 0xffff_ffffL))).build(),
                DmaConstraints.builder().addressRanges(AddressRanges.of(new AddressRange(-4096L, -1L))).build(),
                DmaConstraints.builder().pools(Set.of("certify-no-such-pool")).build(),
                DmaConstraints.builder().accessMask(1).build());
        shapes.forEach(shape -> devices.add(new Participant("shape" + devices.size(), DmaPath.of(shape))));
        devices.add(new Participant("elsewhere", DmaPath.of(DmaConstraints.NEUTRAL).withIommu("certify-no-such-domain")));
        return devices;
    }

    private static void same(Bench bench) {
        Map<Participant, Boolean> first = new LinkedHashMap<>();
        devices(bench).forEach(device -> first.put(device, bench.match(device)));
        long piece = bench.piece();
        for (int round = 0; round < ROUNDS; round++) {
            for (Participant device : first.keySet()) {
                compare(bench, device, first.get(device), "the same object");
                compare(bench, copy(device), first.get(device), "an equal participant");
            }
            if (bench.tried(bench.ask(piece)).isEmpty()) {
                bench.ledger().live().forEach(bench::release);
            }
        }
    }

    private static void compare(Bench bench, Participant device, boolean first, String who) {
        boolean now = bench.match(device);
        Violation.unless(
                now == first, "match(" + device.path() + "), again with " + who, String.valueOf(now),
                first + ", as the first time");
    }

    /** An equal participant that shares no object with the first one. */
    private static Participant copy(Participant device) {
        DmaPath path = DmaPath.of(DmaConstraints.parse(device.path().constraints().toString()));
        String domain = device.path().iommu().orElse("");
        return new Participant(
                String.valueOf(device.device().toCharArray()),
                domain.isEmpty() ? path : path.withIommu(String.valueOf(domain.toCharArray())));
    }

    private static void harmless(Bench bench) {
        AllocatorStatistics before = bench.statistics();
        for (int round = 0; round < ROUNDS; round++) {
            devices(bench).forEach(bench::match);
        }
        AllocatorStatistics after = bench.statistics();
        Violation.unless(before.equals(after), "statistics() after many matches", after.toString(), before.toString());
    }

    private static void kept(Bench bench) {
        List<Participant> offered = bench.candidate().friends().offered(bench.specimen());
        List<Participant> matched = offered.stream().filter(bench::match).toList();
        Violation.unless(
                !matched.isEmpty(), "match of " + offered.stream().map(Participant::path).toList(), "no",
                "yes for one of them; if it serves other devices only, describe one: --device CONSTRAINTS");
        for (Participant device : matched) {
            Ask ask = new Ask(bench, 1).of(List.of(device));
            try {
                Allocation storage = bench.allocate(ask);
                bench.release(storage);
            } catch (DmaBufException e) {
                throw new Violation(ask.toString(), e.reason() + ": " + e.getMessage(), "a page, because it matches the device");
            }
        }
    }
}
