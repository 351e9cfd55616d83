// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.DmaBufException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.service.log.LogLevel;

class LogSettingsTest {

    @Test
    void whatIsAbsentOrEmptyIsTheDefault() {
        assertThat(LogSettings.of(Map.of())).isEqualTo(new LogSettings(LogLevel.INFO, 1 << 20, 4));
        assertThat(LogSettings.of(Map.of("level", " ", "size", "", "files", ""))).isEqualTo(LogSettings.DEFAULT);
    }

    @Test
    void valuesMayBeTextOrNumbers() {
        assertThat(LogSettings.of(Map.of("level", "warn", "size", "64K", "files", 1)))
                .isEqualTo(new LogSettings(LogLevel.WARN, 64 << 10, 1));
        assertThat(LogSettings.of(Map.of("size", 1L << 30, "files", "100")))
                .isEqualTo(new LogSettings(LogLevel.INFO, 1 << 30, 100));
    }

    @ParameterizedTest
    @CsvSource({
        "level, LOUD, level=LOUD is none of ERROR",
        "level, AUDIT, level=AUDIT is none of ERROR",
        "size, 63K, size=63K is not within 64K..1G",
        "size, 0xffffffffffffffff, size=0xffffffffffffffff is not within 64K..1G",
        "files, 0, files=0 is not within 1..100",
        "files, 101, files=101 is not within 1..100",
        "files, many, many"
    })
    void wrongValuesAreNamed(String key, String value, String said) {
        assertThatThrownBy(() -> LogSettings.of(Map.of(key, value)))
                .isInstanceOf(DmaBufException.class)
                .hasMessageContaining(said);
    }

    @Test
    void aLevelTakesWhatIsAtLeastAsGrave() {
        LogSettings warnings = LogSettings.of(Map.of("level", "WARN"));
        assertThat(warnings.take(LogLevel.AUDIT)).isTrue();
        assertThat(warnings.take(LogLevel.ERROR)).isTrue();
        assertThat(warnings.take(LogLevel.WARN)).isTrue();
        assertThat(warnings.take(LogLevel.INFO)).isFalse();
    }
}
