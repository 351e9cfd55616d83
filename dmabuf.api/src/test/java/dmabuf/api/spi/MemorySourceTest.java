// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemorySourceTest {
    @ParameterizedTest
    @ValueSource(strings = {"memfd", "udmabuf", "hugepages", "hugepages+udmabuf", "heap:system", "heap:linux,cma"})
    void whatIsWrittenIsReadBack(String text) {
        assertThat(MemorySource.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "heap", "heap:", "heap: ", "heap:a/b", "heap:/system", "heap:a\0b", "MEMFD"})
    void nothingElseIsASource(String text) {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> MemorySource.parse(text))
                .withMessageStartingWith("'" + text + "' is no source")
                .extracting(DmaBufException::reason)
                .isEqualTo(Reason.INVALID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a/b", "/a", "\0a"})
    void aHeapHasANameBelowItsFolder(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> MemorySource.heap(name));
    }

    @Test
    void whatIsNoHeapHasNoName() {
        assertThatIllegalArgumentException().isThrownBy(() -> new MemorySource(MemorySource.Kind.MEMFD, "system"));
    }
}
