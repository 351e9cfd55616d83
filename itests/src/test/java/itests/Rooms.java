// SPDX-License-Identifier: Apache-2.0
package itests;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.util.ArrayList;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The rules that hold the rooms apart. {@code prefix} stands before every package of ours: empty for the project,
 * {@code itests.planted.} for the small copy that breaks each rule.
 */
record Rooms(String prefix) {

    /** A rule, and the class of the planted copy that breaks it. */
    record Rule(String name, ArchRule rule, String planted) {
        @Override
        public String toString() {
            return name;
        }
    }

    List<Rule> rules() {
        return List.of(
                new Rule("the API sees no other room", sees("dmabuf.api"), "dmabuf.api.SeesCore"),
                new Rule("the core sees the API only", sees("dmabuf.core", "dmabuf.api.."), "dmabuf.core.SeesBoard"),
                new Rule("dmabuf.linux sees the API only", sees("dmabuf.linux", "dmabuf.api.."), "dmabuf.linux.SeesCore"),
                new Rule("dmabuf.board sees the API only", sees("dmabuf.board", "dmabuf.api.."), "dmabuf.board.SeesShell"),
                new Rule("the shell sees the API, Gogo and File Install only", shellSees(), "dmabuf.shell.SeesBoard"),
                new Rule("an allocator sees the API only", allocatorsSee(), "allocator.rogue.SeesCore"),
                new Rule("no allocator sees another", allocatorsApart(), "allocator.rogue.SeesOther"),
                new Rule("nobody sees the core", nobodySeesCore(), "allocator.rogue.SeesCore"),
                new Rule("downcalls are made in dmabuf.linux only", downcalls(), "allocator.rogue.CallsDown"),
                new Rule("native methods are nowhere", nativeMethods(), "allocator.rogue.IsNative"),
                new Rule("libraries are loaded by dmabuf.linux only", loading(), "allocator.rogue.Loads"),
                new Rule("an exported interface says who implements it", roles(), "dmabuf.api.Unmarked"));
    }

    private ArchRule sees(String room, String... others) {
        return classes().that().resideInAPackage(ours(room)).should().onlyDependOnClassesThat(in(room, others));
    }

    private ArchRule shellSees() {
        return classes()
                .that()
                .resideInAPackage(ours("dmabuf.shell"))
                .should()
                .onlyDependOnClassesThat(
                        in("dmabuf.shell", "dmabuf.api..")
                                .or(resideInAnyPackage(
                                        "org.apache.felix.service.command..", "org.apache.felix.fileinstall")));
    }

    private ArchRule allocatorsSee() {
        return classes().that().resideInAPackage(ours("allocator")).should().onlyDependOnClassesThat(in("allocator", "dmabuf.api.."));
    }

    private ArchRule allocatorsApart() {
        return slices().matching(prefix + "allocator.(*)..").should().notDependOnEachOther();
    }

    private ArchRule nobodySeesCore() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(ours("dmabuf.core"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ours("dmabuf.core"));
    }

    private ArchRule downcalls() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(ours("dmabuf.linux"))
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Linker.class, SymbolLookup.class, FunctionDescriptor.class);
    }

    private static ArchRule nativeMethods() {
        return noMethods().should().haveModifier(JavaModifier.NATIVE);
    }

    private ArchRule loading() {
        DescribedPredicate<JavaAccess<?>> loads = describe(
                "load a library",
                access -> (access.getTargetOwner().isEquivalentTo(System.class) || access.getTargetOwner().isEquivalentTo(Runtime.class))
                        && access.getTarget().getName().startsWith("load"));
        return noClasses().that().resideOutsideOfPackage(ours("dmabuf.linux")).should().accessTargetWhere(loads);
    }

    private ArchRule roles() {
        return classes()
                .that()
                .resideInAPackage(ours("dmabuf.api"))
                .and()
                .areInterfaces()
                .and()
                .arePublic()
                .and()
                .areNotAnnotations()
                .and()
                .areTopLevelClasses()
                .should()
                .beAnnotatedWith(ProviderType.class)
                .orShould()
                .beAnnotatedWith(ConsumerType.class);
    }

    /** Its own packages, other rooms by name, and what is no room at all: the JDK, OSGi and the null annotations. */
    private DescribedPredicate<JavaClass> in(String room, String... others) {
        var packages = new ArrayList<>(List.of("java..", "org.osgi..", "org.jspecify..", ours(room)));
        for (String other : others) packages.add(prefix + other);
        DescribedPredicate<JavaClass> primitive = describe("are primitive", type -> type.getBaseComponentType().isPrimitive());
        return resideInAnyPackage(packages.toArray(String[]::new)).or(primitive).as("are in " + packages);
    }

    private String ours(String room) {
        return prefix + room + "..";
    }
}
