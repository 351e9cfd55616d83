// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import java.util.List;

/**
 * One line of a case.
 *
 * @param line its number in the file
 * @param text what stands left of the arrow
 * @param verb what it does
 * @param words the words by place, as many as the verb takes
 * @param options the other words; more than one group where {@code alt} separates them
 * @param expectation what must come
 */
record Statement(
        int line, String text, Verb verb, List<String> words, List<Options> options, Expectation expectation) {
    Statement {
        words = List.copyOf(words);
        options = List.copyOf(options);
    }

    /** Returns the first word, which names what the statement is about. */
    String name() {
        return words.getFirst();
    }

    /** Returns the second word. */
    String second() {
        return words.get(1);
    }

    /** Returns the words of the first group. */
    Options first() {
        return options.getFirst();
    }
}
