// SPDX-License-Identifier: Apache-2.0
package itests;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.osgi.service.metatype.AttributeDefinition;
import org.osgi.service.metatype.ObjectClassDefinition;

/** What a console draws for one PID, and what is wrong with it. */
record Form(String pid, ObjectClassDefinition fields) {
    private static final Set<Integer> NUMBERS = Set.of(AttributeDefinition.INTEGER, AttributeDefinition.LONG);
    private static final Map<Integer, Function<String, Object>> TYPES = Map.of(
            AttributeDefinition.STRING, text -> text,
            AttributeDefinition.INTEGER, Integer::valueOf,
            AttributeDefinition.LONG, Long::valueOf,
            AttributeDefinition.BOOLEAN, Boolean::valueOf);

    /** Returns what a person at a console would miss; nothing for a form that can be used. */
    List<String> complaints() {
        List<String> complaints = new ArrayList<>();
        if (isBlank(fields.getName()) || fields.getName().equals(pid)) {
            complaints.add(pid + " has no name");
        }
        if (isBlank(fields.getDescription())) {
            complaints.add(pid + " has no description");
        }
        for (AttributeDefinition field : all()) {
            complaints(field).map(complaint -> pid + " " + field.getID() + " " + complaint).forEach(complaints::add);
        }
        return complaints;
    }

    private static Stream<String> complaints(AttributeDefinition field) {
        List<String> complaints = new ArrayList<>();
        if (isBlank(field.getName()) || field.getName().equals(field.getID())) {
            complaints.add("has no name");
        }
        if (isBlank(field.getDescription()) || !field.getDescription().endsWith(".")) {
            complaints.add("has no description in sentences");
        }
        if (!TYPES.containsKey(field.getType())) {
            complaints.add("has a type that nothing reads");
        }
        if (NUMBERS.contains(field.getType()) && defaults(field).isEmpty() && !isBounded(field)) {
            complaints.add("is a number without bounds or a default");
        }
        defaults(field).stream()
                .map(field::validate)
                .filter(why -> why != null && !why.isEmpty())
                .forEach(why -> complaints.add("does not accept its own default: " + why));
        return complaints.stream();
    }

    private static boolean isBounded(AttributeDefinition field) {
        boolean isLong = field.getType() == AttributeDefinition.LONG;
        String lowest = isLong ? Long.toString(Long.MIN_VALUE) : Integer.toString(Integer.MIN_VALUE);
        String why = field.validate(lowest);
        return why != null && !why.isEmpty();
    }

    private List<AttributeDefinition> all() {
        return List.of(fields.getAttributeDefinitions(ObjectClassDefinition.ALL));
    }

    Set<String> keys() {
        return Set.copyOf(all().stream().map(AttributeDefinition::getID).toList());
    }

    /** Returns what a console would store for a form whose fields nobody has touched. */
    Map<String, Object> untouched() {
        Map<String, Object> values = new HashMap<>();
        for (AttributeDefinition field : all()) {
            List<Object> typed = defaults(field).stream().map(TYPES.get(field.getType())).toList();
            if (field.getCardinality() != 0) {
                values.put(field.getID(), array(typed, field.getType()));
            } else if (!typed.isEmpty()) {
                values.put(field.getID(), typed.getFirst());
            } else if (field.getType() == AttributeDefinition.STRING) {
                values.put(field.getID(), "");
            }
        }
        return values;
    }

    private static Object array(List<Object> values, int type) {
        Class<?> element = type == AttributeDefinition.STRING ? String.class : values.getFirst().getClass();
        Object array = Array.newInstance(element, values.size());
        for (int i = 0; i < values.size(); i++) Array.set(array, i, values.get(i));
        return array;
    }

    private static List<String> defaults(AttributeDefinition field) {
        return field.getDefaultValue() == null
                ? List.of()
                : Arrays.stream(field.getDefaultValue()).filter(text -> !text.isEmpty()).toList();
    }

    private static boolean isBlank(String text) {
        return text == null || text.isBlank();
    }
}
