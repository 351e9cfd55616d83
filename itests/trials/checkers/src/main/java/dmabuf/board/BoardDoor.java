// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AccessBits;
import dmabuf.api.spi.ConfiguredValues;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Opens the board's settings to the checkers. */
public final class BoardDoor {
    private static final AccessBits NAMES = AccessBits.parse(List.of("1=SYSTEM", "2=CONTIG"));

    private BoardDoor() {}

    /** Reads the board's configuration. */
    public static void readBoard(Map<String, Object> configuration) {
        ConfiguredValues values =
                ConfiguredValues.of(BoardComponent.PID, Set.of("file", "ram", "profile"), configuration);
        values.ranges("ram");
        values.text("file");
        ProfileTable.shipped().with(values.lines("profile"));
    }

    /** Reads the configuration of a device. */
    public static void readDevice(Map<String, Object> configuration) {
        DeviceSettings.of(configuration, NAMES);
    }
}
