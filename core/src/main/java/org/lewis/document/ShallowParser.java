package org.lewis.document;

import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.parser.Parser;

/// Refuses a document that nests deeper than anybody writes, before the recursion over it runs out of stack.
final class ShallowParser implements Parser {

    /// As deep as JSON may nest.
    static final int MOST_LEVELS = 500;

    private final Parser parser;
    private final String file;
    private int levels;

    ShallowParser(Parser parser, String file) {
        this.parser = parser;
        this.file = file;
    }

    @Override
    public Event next() {
        Event event = parser.next();
        if (event instanceof CollectionEndEvent) {
            levels--;
        }
        if (event instanceof CollectionStartEvent && ++levels > MOST_LEVELS) {
            Place place = event.getStartMark().map(mark -> Yaml.at(file, mark)).orElseGet(() -> new Place(file, 1, 1));
            throw new DocumentException(place, "not valid YAML: more than " + MOST_LEVELS + " levels deep");
        }
        return event;
    }

    @Override
    public boolean checkEvent(Event.ID id) {
        return parser.checkEvent(id);
    }

    @Override
    public Event peekEvent() {
        return parser.peekEvent();
    }

    @Override
    public boolean hasNext() {
        return parser.hasNext();
    }
}
