#include "mina/json/read.h"

#include "mina/json/reader.h"

namespace mina::json {

base::Result<base::ByteString, JsonError> read_json(schema::Type const& type, std::string_view json) {
    auto finished = [](JsonError error) {
        error.path = finished_path(std::move(error.path));
        return base::fail(std::move(error));
    };
    auto const tree = Tree::of_json(json);
    if (!tree) return finished(tree.error());
    auto message = Reader(*tree).run(type);
    if (!message) return finished(std::move(message).error());
    return message;
}

}  // namespace mina::json
