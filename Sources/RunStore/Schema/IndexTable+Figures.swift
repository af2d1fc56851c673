import Figures

extension IndexTable {
    /// The figures of the catalogue, called as their path in the report; a spread has four columns.
    static let figureColumns =
        Figure.catalogue.flatMap { figure -> [IndexColumn] in
            switch figure.form {
            case .spread: IndexColumn.spread(figure.path)
            case .number: [IndexColumn(figure.path, .real)]
            case .whole: [IndexColumn(figure.path, .integer)]
            }
        } + [IndexColumn("output.sha256", .text)]
}
