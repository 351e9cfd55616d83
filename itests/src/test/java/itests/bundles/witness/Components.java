// SPDX-License-Identifier: Apache-2.0
package itests.bundles.witness;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** The components of all bundles: whether each is satisfied, and to how many services each of its references is bound. */
final class Components {
    private Components() {}

    static String words(ServiceComponentRuntime runtime) {
        return runtime.getComponentDescriptionDTOs().stream()
                .flatMap(description -> words(runtime, description))
                .sorted()
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static Stream<String> words(ServiceComponentRuntime runtime, ComponentDescriptionDTO description) {
        Stream<String> configurations =
                runtime.getComponentConfigurationDTOs(description).stream().map(Components::words);
        return Stream.concat(Stream.of("component " + description.name), configurations);
    }

    private static String words(ComponentConfigurationDTO configuration) {
        String references = Arrays.stream(configuration.satisfiedReferences)
                .map(reference -> reference.name + "=" + reference.boundServices.length)
                .sorted()
                .collect(Collectors.joining(" "));
        boolean satisfied = configuration.state == ComponentConfigurationDTO.ACTIVE
                || configuration.state == ComponentConfigurationDTO.SATISFIED;
        // One that is made when it is wanted is bound only then, and who wants it when is of no account.
        return "component " + configuration.description.name + (satisfied ? " is satisfied" : " LACKS SOMETHING")
                + (configuration.description.immediate ? ": " + references : " ");
    }
}
