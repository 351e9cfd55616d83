// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import java.util.List;
import java.util.Optional;

/**
 * One case of a file.
 *
 * @param id its id, empty for lines that stand before the first case
 * @param line the line where it starts
 * @param statements its statements up to the first that cannot be understood
 * @param error what cannot be understood; such a case fails without being run
 */
record ScenarioCase(String id, int line, List<Statement> statements, Optional<ScenarioError> error) {
    ScenarioCase {
        statements = List.copyOf(statements);
    }
}
