// SPDX-License-Identifier: Apache-2.0
package itests.lab.cases;

import itests.lab.LabCase;
import java.util.List;
import java.util.stream.Stream;

/** All cases, in the order in which they run. */
public final class Cases {
    /** The cases. */
    public static final List<LabCase> ALL = Stream.of(
                    MemoryCases.ALL, FenceCases.ALL, CameraCases.ALL, DisplayCases.ALL, LiveCases.ALL, EngineCases.ALL)
            .flatMap(List::stream)
            .toList();

    private Cases() {}
}
