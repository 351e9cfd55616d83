// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AddressRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The index of live addresses, against a list that is searched from end to end. */
class ClaimsTest {
    private final Claims claims = new Claims();

    @Test
    void whatIsClaimedCannotBeClaimedAgainUntilItIsDropped() {
        Claims.Holding first = new Claims.Holding();
        Claims.Holding second = new Claims.Holding();
        AddressRange high = new AddressRange(-4096, -1);
        assertThat(claims.claim(first, high)).isTrue();
        assertThat(claims.claim(second, new AddressRange(-1, -1))).isFalse();
        assertThat(claims.claim(first, high)).as("also by itself").isFalse();
        claims.drop(first);
        assertThat(claims.claim(second, AddressRange.ALL)).isTrue();
        assertThat(claims.claim(first, new AddressRange(0, 0))).isFalse();
    }

    @Test
    void placesAreReplacedAllAtOnceOrNotAtAll() {
        Claims.Holding first = new Claims.Holding();
        Claims.Holding other = new Claims.Holding();
        claims.claim(first, new AddressRange(10, 19));
        claims.claim(other, new AddressRange(20, 29));
        assertThat(claims.replace(first, List.of(new AddressRange(0, 4), new AddressRange(15, 25)))).isPresent();
        assertThat(claims.claim(other, new AddressRange(19, 19))).as("still the first's").isFalse();
        assertThat(claims.claim(other, new AddressRange(0, 4))).as("not kept by what was refused").isTrue();
        assertThat(claims.replace(first, List.of(new AddressRange(5, 14)))).as("over its own").isEmpty();
        assertThat(claims.claim(other, new AddressRange(15, 19))).isTrue();
    }

    @Test
    void agreesWithAListOverRandomInputs() {
        Random random = new Random(20141111);
        Map<Claims.Holding, List<AddressRange>> model = new HashMap<>();
        List<Claims.Holding> holdings = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            holdings.add(new Claims.Holding());
            model.put(holdings.get(i), new ArrayList<>());
        }
        for (int step = 0; step < 100_000; step++) {
            Claims.Holding holding = holdings.get(random.nextInt(holdings.size()));
            if (random.nextInt(8) == 0) {
                claims.drop(holding);
                model.get(holding).clear();
                continue;
            }
            AddressRange range = AddressRange.ofSize(Long.MAX_VALUE - 200 + random.nextInt(400), 1 + random.nextInt(20));
            boolean free = model.values().stream()
                    .flatMap(List::stream)
                    .allMatch(taken -> taken.intersect(range).isEmpty());
            assertThat(claims.claim(holding, range)).as("step %d: %s", step, range).isEqualTo(free);
            if (free) {
                model.get(holding).add(range);
            }
        }
    }
}
