// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.PatternSyntaxException;

/**
 * Where an allocator takes memory from: its key {@value #KEY}. {@code auto} is the order of the allocator's type,
 * {@code model} memfds at the addresses of the board model and nothing else; or it lists sources, the best first, as
 * {@link MemorySource} writes them. The name of a heap may be a glob; {@code model}, or {@code memfd}, may be the last one.
 * Immutable.
 *
 * @param sources the sources before the model, as they are written
 * @param hasModel whether the board model stands in where none of them is there
 */
public record SourceOrder(List<String> sources, boolean hasModel) {
    /** The key, common to all allocators. */
    public static final String KEY = "source";

    /** The board model alone. */
    public static final SourceOrder MODEL = new SourceOrder(List.of(), true);

    private static final String AUTO = "auto";
    private static final String BOARD_MODEL = "model";
    private static final String HEAP = "heap:";
    private static final Set<String> LAST = Set.of(BOARD_MODEL, MemorySource.MEMFD.toString());

    /** Copies the list. */
    public SourceOrder {
        sources = List.copyOf(sources);
    }

    /**
     * Returns the order that a configuration states.
     *
     * @param automatic what {@code auto} and no value stand for
     * @param kinds what the type can take from, besides the model
     * @throws DmaBufException INVALID when it cannot be read, or names what the type does not take from
     */
    public static SourceOrder of(AllocatorSettings settings, SourceOrder automatic, Set<MemorySource.Kind> kinds) {
        List<String> words = settings.names(KEY);
        if (words.isEmpty() || words.equals(List.of(AUTO))) {
            return automatic;
        }
        try {
            return read(words, kinds);
        } catch (DmaBufException e) {
            throw settings.refused(KEY, e.explanation().text());
        }
    }

    /**
     * Returns the order of an allocator for a sandbox, which has the board model alone.
     *
     * @throws DmaBufException INVALID when the configuration states another one
     */
    public static SourceOrder ofSandbox(AllocatorSettings settings) {
        List<String> words = settings.names(KEY);
        if (!words.isEmpty() && !words.equals(List.of(BOARD_MODEL))) {
            throw settings.refused(KEY, "a sandbox has the memory of the board model alone: leave it out, or write model");
        }
        return MODEL;
    }

    private static SourceOrder read(List<String> words, Set<MemorySource.Kind> kinds) {
        boolean model = LAST.contains(words.getLast());
        List<String> sources = model ? words.subList(0, words.size() - 1) : words;
        sources.forEach(word -> check(word, kinds));
        if (new LinkedHashSet<>(sources).size() != sources.size()) {
            throw invalid("each source is named once");
        }
        return new SourceOrder(sources, model);
    }

    private static void check(String word, Set<MemorySource.Kind> kinds) {
        if (word.equals(AUTO) || LAST.contains(word)) {
            throw invalid(word.equals(AUTO) ? "auto stands alone" : word + " comes last, because it is always there");
        }
        MemorySource.Kind kind = MemorySource.parse(word).kind();
        if (!kinds.contains(kind)) {
            throw invalid("this allocator takes nothing from " + word);
        }
        if (isGlob(word)) {
            glob(word);
        }
    }

    /** Returns whether there is nothing but the board model. */
    public boolean isModelAlone() {
        return sources.isEmpty();
    }

    /**
     * Returns the sources before the model, in order: each glob as the heaps that it matches, none twice.
     *
     * @param heaps the names of the heaps that are there
     */
    public List<MemorySource> expanded(List<String> heaps) {
        LinkedHashSet<MemorySource> expanded = new LinkedHashSet<>();
        sources.forEach(word -> expanded.addAll(isGlob(word) ? matching(word, heaps) : List.of(MemorySource.parse(word))));
        return List.copyOf(expanded);
    }

    /** Returns the globs that match none of these heaps. */
    public List<String> unmatched(List<String> heaps) {
        return sources.stream()
                .filter(word -> isGlob(word) && matching(word, heaps).isEmpty())
                .toList();
    }

    private static List<MemorySource> matching(String word, List<String> heaps) {
        PathMatcher glob = glob(word);
        List<MemorySource> matching = new ArrayList<>();
        for (String heap : heaps) {
            if (glob.matches(Path.of(heap))) {
                matching.add(MemorySource.heap(heap));
            }
        }
        return matching;
    }

    private static boolean isGlob(String word) {
        return word.startsWith(HEAP) && word.chars().anyMatch(c -> "*?[{".indexOf(c) >= 0);
    }

    private static PathMatcher glob(String word) {
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + word.substring(HEAP.length()));
        } catch (PatternSyntaxException _) {
            throw invalid("'" + word + "' is no glob");
        }
    }

    private static DmaBufException invalid(String message) {
        return new DmaBufException(Reason.INVALID, message);
    }

    /** Returns the sources as they are written, parted by commas. */
    @Override
    public String toString() {
        List<String> words = new ArrayList<>(sources);
        if (hasModel) {
            words.add(BOARD_MODEL);
        }
        return String.join(", ", words);
    }
}
