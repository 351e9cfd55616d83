// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RoomsTest {

    private static final String PLANTED = "itests.planted.";
    private static final JavaClasses PROJECT = new ClassFileImporter().importPackages("dmabuf", "allocator");
    private static final JavaClasses COPY = new ClassFileImporter().importPackages(PLANTED + "dmabuf", PLANTED + "allocator");

    static List<Rooms.Rule> project() {
        return new Rooms("").rules();
    }

    static List<Rooms.Rule> planted() {
        return new Rooms(PLANTED).rules();
    }

    @ParameterizedTest
    @MethodSource("project")
    void holds(Rooms.Rule rule) {
        rule.rule().allowEmptyShould(true).check(PROJECT);
    }

    @ParameterizedTest
    @MethodSource("planted")
    void catchesItsPlantedViolation(Rooms.Rule rule) {
        assertThat(rule.rule().evaluate(COPY).getFailureReport().getDetails())
                .as(rule.name())
                .anyMatch(detail -> detail.contains(PLANTED + rule.planted()));
    }

    @Test
    void everyBundleIsLookedAt() {
        assertThat(PROJECT.stream().map(JavaClass::getPackageName))
                .contains(
                        "dmabuf.api",
                        "dmabuf.api.spi",
                        "dmabuf.core",
                        "dmabuf.linux",
                        "dmabuf.board",
                        "dmabuf.shell",
                        "allocator.contig",
                        "allocator.system",
                        "allocator.iommu");
    }
}
