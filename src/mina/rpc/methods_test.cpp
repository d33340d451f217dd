// Goal: the table of methods, menus and dialects say what Mina's nodes do. Method: the table against the numbers of
// OCaml's node; menus that are damaged or lie.
#include "mina/rpc/dialect.h"
#include "mina/rpc/menu.h"

#include <gtest/gtest.h>

#include <set>

namespace mina::rpc {
namespace {

using namespace std::chrono_literals;
using messages::Format;

TEST(Methods, have_each_tag_once_and_are_found_by_it) {
    std::set<std::string_view> tags;
    for (auto const& info : methods()) {
        tags.insert(info.tag);
        EXPECT_EQ(method_of(info.tag), info.method);
        EXPECT_NE(info.berkeley.front(), 0) << info.tag;
        EXPECT_NE(info.mesa.front(), 0) << info.tag;
        EXPECT_GT(info.cost_per_window, 0U) << info.tag;
        EXPECT_GT(info.deadline, 0s) << info.tag;
        EXPECT_FALSE(info.none.empty()) << info.tag;
        EXPECT_TRUE(info.rust_version == 0 || has_version(info.berkeley, info.rust_version)) << info.tag;
        EXPECT_EQ(info.rust_version == 0, info.rust_answer_bytes_max == 0) << info.tag;
    }
    EXPECT_EQ(tags.size(), method_count);
    EXPECT_FALSE(method_of("get_everything"));
    EXPECT_FALSE(method_of("get_transition_knowledge"));  // mina: a capital G
}

TEST(Methods, have_the_budgets_of_ocamls_node) {
    auto const per_minute = [](Method method) { return info_of(method).cost_per_window / 5; };
    EXPECT_EQ(per_minute(Method::get_some_initial_peers), 1U);
    EXPECT_EQ(per_minute(Method::get_staged_ledger), 4U);
    EXPECT_EQ(per_minute(Method::answer_sync_ledger_query), 1U << 17);
    EXPECT_EQ(per_minute(Method::get_best_tip), 3U);
    EXPECT_EQ(per_minute(Method::get_ancestry), 5U);
    EXPECT_EQ(per_minute(Method::get_transition_knowledge), 1U);
    EXPECT_EQ(per_minute(Method::get_transition_chain), 60U);
    EXPECT_EQ(per_minute(Method::get_transition_chain_proof), 3U);
    EXPECT_EQ(per_minute(Method::ban_notify), 1U);
    EXPECT_EQ(per_minute(Method::get_completed_snarks), 1U);
}

TEST(Methods, charge_a_transition_chain_by_its_hashes) {
    base::ByteString query(1 + 3 * 32);
    query[0] = 3;
    EXPECT_EQ(cost_of(Method::get_transition_chain, query), 3U);
    query.push_back(0);
    EXPECT_EQ(cost_of(Method::get_transition_chain, query), std::nullopt);
    query.resize(1 + 2 * 32);
    EXPECT_EQ(cost_of(Method::get_transition_chain, query), std::nullopt);
    EXPECT_EQ(cost_of(Method::get_transition_chain, {}), std::nullopt);
    query.assign(1, 0);
    EXPECT_EQ(cost_of(Method::get_transition_chain, query), 1U);
    EXPECT_EQ(cost_of(Method::get_best_tip, query), 1U);
    query.resize(2);
    EXPECT_EQ(cost_of(Method::get_best_tip, query), std::nullopt);  // longer than any query of it
}

TEST(Methods, have_other_versions_in_mesa) {
    auto const& tip = info_of(Method::get_best_tip);
    EXPECT_TRUE(has_version(versions_of(tip, Format::berkeley), 2));
    EXPECT_FALSE(has_version(versions_of(tip, Format::berkeley), 3));
    EXPECT_TRUE(has_version(versions_of(tip, Format::mesa), 3));
    EXPECT_FALSE(has_version(versions_of(tip, Format::mesa_array_inputs), 2));
    EXPECT_FALSE(has_version(versions_of(tip, Format::mesa), 0));
}

TEST(Menu, is_the_one_ocamls_node_gives) {
    std::vector<Method> all;
    for (auto const& info : methods()) {
        if (info.is_registered) all.push_back(info.method);
    }
    auto const entries = menu_of(all, Format::berkeley);
    ASSERT_EQ(entries.size(), 10U);
    EXPECT_EQ(entries[0], (MenuEntry{"get_some_initial_peers", 1}));
    EXPECT_EQ(entries[1], (MenuEntry{"get_staged_ledger_aux_and_pending_coinbases_at_hash", 2}));
    EXPECT_EQ(entries[5], (MenuEntry{"Get_transition_knowledge", 1}));
    EXPECT_EQ(entries[9], (MenuEntry{"get_completed_snarks", 1}));
    EXPECT_EQ(decode_menu(encode_menu(entries)), entries);
    EXPECT_TRUE(menu_of({}, Format::mesa).empty());
    EXPECT_EQ(decode_menu(encode_menu({})), std::vector<MenuEntry>());
}

TEST(Menu, is_refused_when_it_lies_about_itself) {
    auto const error_of = [](base::ByteString const& bytes) { return decode_menu(bytes).error(); };
    auto const good = encode_menu({{"a", 1}, {"b", 300}});
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(decode_menu(base::ByteView(good).first(size))) << size;
    }
    auto longer = good;
    longer.push_back(0);
    EXPECT_EQ(error_of(longer), MenuError::malformed);
    EXPECT_EQ(error_of(encode_menu({{"a", 1}, {"b", 1}, {"a", 1}})), MenuError::duplicate);
    EXPECT_TRUE(decode_menu(encode_menu({{"a", 1}, {"a", 2}})));
    EXPECT_EQ(error_of(encode_menu({{"a", -1}})), MenuError::bad_version);
    EXPECT_EQ(error_of(encode_menu({{std::string(129, 'a'), 1}})), MenuError::tag_too_long);
    std::vector<MenuEntry> many;
    for (std::size_t i = 0; i <= menu_entries_max; ++i) many.push_back({std::to_string(i), 1});
    EXPECT_EQ(error_of(encode_menu(many)), MenuError::too_many_entries);
    EXPECT_EQ(error_of({0xfc, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f}), MenuError::malformed);
    EXPECT_EQ(error_of({0x01, 0x01, 'a', 0xff, 0x01}), MenuError::malformed);  // a version not in its shortest form
}

TEST(Dialect, is_told_by_what_a_peer_announces) {
    std::vector<std::string> const go = {"/coda/kad/1.0.0", "/mina/node-status", "coda/rpcs/0.0.1"};
    std::vector<std::string> const rust = {"/ipfs/id/1.0.0", "/meshsub/1.1.0", "coda/rpcs/0.0.1", "/coda/kad/1.0.0"};
    EXPECT_EQ(dialect_of("", go), Dialect::ocaml);
    EXPECT_EQ(dialect_of("mina", go), Dialect::ocaml);
    EXPECT_EQ(dialect_of("mina", rust), Dialect::rust);
    EXPECT_EQ(dialect_of("minap2p/1.0", rust), Dialect::ocaml);
    EXPECT_EQ(dialect_of("other", rust), Dialect::unknown);
}

}  // namespace
}  // namespace mina::rpc
