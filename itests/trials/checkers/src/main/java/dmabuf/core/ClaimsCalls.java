// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AddressRange;
import java.util.List;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** {@link Claims} as two storages use them whose addresses meet. */
@Param(name = "who", gen = IntGen.class, conf = "0:1")
@Param(name = "place", gen = IntGen.class, conf = "0:2")
public class ClaimsCalls {
    private final Claims claims = new Claims();
    private final Claims.Holding[] holdings = {new Claims.Holding(), new Claims.Holding()};

    @Operation
    public boolean claim(@Param(name = "who") int who, @Param(name = "place") int place) {
        return claims.claim(holdings[who], range(place));
    }

    @Operation
    public boolean replace(@Param(name = "who") int who, @Param(name = "place") int place) {
        return claims.replace(holdings[who], List.of(range(place), range(place + 2))).isEmpty();
    }

    @Operation
    public void drop(@Param(name = "who") int who) {
        claims.drop(holdings[who]);
    }

    private static AddressRange range(int place) {
        return AddressRange.ofSize(place, 2);
    }
}
