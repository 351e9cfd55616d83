// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SourceOrderTest {
    private static final SourceOrder AUTO = new SourceOrder(List.of("heap:system"), true);
    private static final Set<MemorySource.Kind> KINDS = Set.of(MemorySource.Kind.HEAP, MemorySource.Kind.UDMABUF);

    private static SourceOrder of(Object source) {
        return SourceOrder.of(settings(source), AUTO, KINDS);
    }

    private static AllocatorSettings settings(Object source) {
        return AllocatorSettings.of(AllocatorSpec.of("bank", "bank", 1), Set.of(), Map.of("source", source));
    }

    @Test
    void autoIsWhatNobodyStates() {
        assertThat(of("")).isEqualTo(AUTO);
        assertThat(of("auto")).isEqualTo(AUTO);
        assertThat(of(new String[] {})).isEqualTo(AUTO);
    }

    @Test
    void modelIsAloneOrLast() {
        assertThat(of("model")).isEqualTo(SourceOrder.MODEL).satisfies(order -> assertThat(order.isModelAlone()).isTrue());
        assertThat(of("udmabuf,memfd")).isEqualTo(of(List.of("udmabuf", "model"))).hasToString("udmabuf, model");
        assertThat(of("udmabuf").hasModel()).isFalse();
        assertThat(of("udmabuf,model").isModelAlone()).isFalse();
        assertThat(of(new String[] {"heap:linux,cma"})).isEqualTo(of("heap:linux\\,cma")).hasToString("heap:linux,cma");
    }

    @Test
    void globsAreTheHeapsThatAreThere() {
        SourceOrder order = of("heap:system,heap:*cma*,udmabuf,heap:re[st]*,model");
        List<String> heaps = List.of("linux,cma", "my-cma", "reserved", "system");
        assertThat(order.expanded(heaps)).extracting(MemorySource::toString)
                .containsExactly("heap:system", "heap:linux,cma", "heap:my-cma", "udmabuf", "heap:reserved");
        assertThat(order.unmatched(heaps)).isEmpty();
        assertThat(order.expanded(List.of())).extracting(MemorySource::toString).containsExactly("heap:system", "udmabuf");
        assertThat(order.unmatched(List.of("reserved"))).containsExactly("heap:*cma*");
        assertThat(of("heap:*,heap:system").expanded(heaps)).hasSize(4);
    }

    @Test
    void aWrongOrderSaysWhatWouldBeRight() {
        invalid("auto,model", "auto stands alone");
        invalid("model,udmabuf", "model comes last, because it is always there");
        invalid("udmabuf,udmabuf", "each source is named once");
        invalid("hugepages", "this allocator takes nothing from hugepages");
        invalid("cma", "'cma' is no source: write memfd, udmabuf, hugepages, hugepages+udmabuf or heap:NAME");
        invalid("heap:", "'heap:' is no source: write memfd, udmabuf, hugepages, hugepages+udmabuf or heap:NAME");
        invalid("heap:[", "'heap:[' is no glob");
    }

    private static void invalid(String source, String why) {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> of(source))
                .withMessage("source=" + source + " of allocator bank: " + why)
                .extracting(DmaBufException::reason)
                .isEqualTo(Reason.INVALID);
    }

    @Test
    void aSandboxHasTheModelAlone() {
        assertThat(SourceOrder.ofSandbox(settings(""))).isEqualTo(SourceOrder.MODEL);
        assertThat(SourceOrder.ofSandbox(settings("model"))).isEqualTo(SourceOrder.MODEL);
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> SourceOrder.ofSandbox(settings("auto")))
                .withMessage("source=auto of allocator bank: a sandbox has the memory of the board model alone: leave it"
                        + " out, or write model");
    }
}
