package org.lewis.document;

/// Where a value stands: what every complaint about a document begins with.
///
/// Documents of a million values have as many places, of which hardly one is ever asked for, so the path is put
/// together only then.
public final class Place {

    private final String file;
    private final int line;
    private final int column;
    /// Of a root itself.
    private final Place parent;
    /// The key or the index in the parent.
    private final Object step;

    /// The root of a document.
    ///
    /// @param file   the document as the user named it
    /// @param line   counted from 1
    /// @param column counted from 1
    public Place(String file, int line, int column) {
        this.file = file;
        this.line = line;
        this.column = column;
        this.parent = this;
        this.step = "";
    }

    private Place(String file, int line, int column, Place parent, Object step) {
        this.file = file;
        this.line = line;
        this.column = column;
        this.parent = parent;
        this.step = step;
    }

    Place member(String key, int line, int column) {
        return new Place(file, line, column, this, key);
    }

    Place element(int index, int line, int column) {
        return new Place(file, line, column, this, index);
    }

    /// The same value, elsewhere in the file.
    Place at(int otherLine, int otherColumn) {
        return parent == this
                ? new Place(file, otherLine, otherColumn)
                : new Place(file, otherLine, otherColumn, parent, step);
    }

    public String file() {
        return file;
    }

    public int line() {
        return line;
    }

    public int column() {
        return column;
    }

    /// Keys and indices from the root, such as `models[1].parameters.density`; empty at the root.
    public String path() {
        if (parent == this) {
            return "";
        }
        String before = parent.path();
        if (step instanceof Integer) {
            return before + "[" + step + "]";
        }
        String key = step.equals("") ? "\"\"" : (String) step;
        return before.isEmpty() ? key : before + "." + key;
    }

    @Override
    public String toString() {
        String position = file + ":" + line + ":" + column;
        String path = path();
        return path.isEmpty() ? position : position + ": " + path;
    }
}
