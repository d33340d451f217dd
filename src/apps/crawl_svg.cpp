#include "apps/crawl_svg.h"

#include "apps/console.h"
#include "apps/crawl_text.h"
#include "libp2p/kademlia/key.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace apps {

namespace {

using Index = CrawlResults::Index;

constexpr double middle_x = 560;
constexpr double middle_y = 540;
constexpr double outer_radius = 430;
constexpr double legend_x = 1130;
constexpr double width = 1460;
constexpr double height = 1080;
constexpr std::size_t labels_max = 60;  // peers beyond which they would cover each other
// Okabe and Ito's colours, which the colour-blind can tell apart; then one for all further agents.
constexpr std::array<std::string_view, 7> colours = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                                     "#56b4e9", "#d55e00", "#b8a800"};
constexpr std::string_view other_colour = "#6a51a3";
constexpr std::string_view grey = "#c3c9d0";

struct Node {
    Index peer = 0;
    libp2p::kademlia::Key key{};
    std::size_t named_by = 0;
    double angle = 0;
    double x = 0;
    double y = 0;
    double radius = 0;
};

std::string number(double value) { return fixed(value, 1); }

class Picture {
public:
    Picture(CrawlResults const& results, std::string const& title) : results_(results), title_(title) {
        choose_nodes();
        choose_colours();
        lay_out();
    }

    std::string text() {
        begin();
        draw_edges();
        draw_nodes();
        draw_legend();
        return std::move(svg_) + "</svg>\n";
    }

private:
    CrawlResults::Peer const& peer_of(Node const& node) const { return results_.peers()[node.peer]; }

    void choose_nodes() {
        auto const& peers = results_.peers();
        std::vector<std::size_t> named_by(peers.size());
        for (auto const& peer : peers) {
            for (auto const neighbour : peer.neighbours) ++named_by[neighbour];
        }
        for (std::size_t i = 0; i < peers.size(); ++i) {
            auto const& peer = peers[i];
            nodes_.push_back({static_cast<Index>(i), libp2p::kademlia::key_of(peer.id), named_by[i]});
            if (peer.reachable) ++reached_;
        }
        if (nodes_.size() > peers_drawn_max) {
            std::ranges::sort(nodes_, [](Node const& a, Node const& b) {
                return a.named_by != b.named_by ? a.named_by > b.named_by : a.peer < b.peer;
            });
            nodes_.resize(peers_drawn_max);
        }
        std::ranges::sort(nodes_, {}, &Node::key);
    }

    void choose_colours() {
        std::map<Index, std::size_t> counts;
        for (auto const& node : nodes_) {
            if (peer_of(node).reachable) ++counts[peer_of(node).agent];
        }
        agents_.assign(counts.begin(), counts.end());
        std::ranges::sort(agents_, [this](auto const& a, auto const& b) {
            return a.second != b.second ? a.second > b.second : results_.name(a.first) < results_.name(b.first);
        });
    }

    std::string_view colour_of(Index agent) const {
        for (std::size_t i = 0; i < std::min(agents_.size(), colours.size()); ++i) {
            if (agents_[i].first == agent) return colours[i];
        }
        return other_colour;
    }

    void lay_out() {
        auto const count = nodes_.size();
        if (count == 0) return;
        auto const largest = count <= 60 ? 15.0 : count <= 300 ? 9.0 : count <= 1000 ? 6.5 : 5.0;
        auto const smallest = largest / 3;
        // A ring has room for so many; further rings lie within, and take turns.
        auto const room = 2 * std::numbers::pi * outer_radius / (largest * 1.6);
        auto const rings = static_cast<std::size_t>(std::ceil(static_cast<double>(count) / room));
        auto const between_rings = std::min(largest * 2.4, outer_radius * 0.6 / static_cast<double>(rings));
        std::size_t most = 1;
        for (auto const& node : nodes_) most = std::max(most, node.named_by);
        for (std::size_t i = 0; i < count; ++i) {
            auto& node = nodes_[i];
            node.angle =
                2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(count) - std::numbers::pi / 2;
            auto const distance = outer_radius - static_cast<double>(i % rings) * between_rings;
            node.x = middle_x + distance * std::cos(node.angle);
            node.y = middle_y + distance * std::sin(node.angle);
            auto const share = std::sqrt(static_cast<double>(node.named_by) / static_cast<double>(most));
            node.radius = smallest + (largest - smallest) * share;
        }
    }

    void begin() {
        svg_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
               fixed(width, 0) + " " + fixed(height, 0) + "\" width=\"" + fixed(width, 0) + "\" height=\"" +
               fixed(height, 0) + "\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\">\n<title>" +
               xml_text(title_) + "</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
    }

    /// Each pair once, whoever of the two has named the other.
    std::vector<std::pair<std::size_t, std::size_t>> edges() const {
        std::vector<std::size_t> place(results_.peers().size(), nodes_.size());
        for (std::size_t i = 0; i < nodes_.size(); ++i) place[nodes_[i].peer] = i;
        std::vector<std::pair<std::size_t, std::size_t>> all;
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            for (auto const neighbour : peer_of(nodes_[i]).neighbours) {
                auto const other = place[neighbour];
                if (other < nodes_.size() && other != i) all.emplace_back(std::min(i, other), std::max(i, other));
            }
        }
        std::ranges::sort(all);
        all.erase(std::ranges::unique(all).begin(), all.end());
        return all;
    }

    void draw_edges() {
        auto const all = edges();
        edges_ = all.size();
        edges_drawn_ = std::min(all.size(), edges_drawn_max);
        if (all.empty()) return;
        auto const opacity = std::clamp(90.0 / static_cast<double>(edges_drawn_), 0.045, 0.45);
        svg_ += "<g fill=\"none\" stroke=\"#31475e\" stroke-width=\"" +
                std::string(edges_drawn_ > 1000 ? "0.7" : "1.2") + "\" stroke-opacity=\"" + fixed(opacity, 3) + "\">\n";
        for (std::size_t i = 0; i < edges_drawn_; ++i) {
            auto const& [from, to] = edges_drawn_ == all.size() ? all[i] : all[i * all.size() / edges_drawn_];
            auto const& a = nodes_[from];
            auto const& b = nodes_[to];
            constexpr double bend = 0.45;  // of the way to the middle
            auto const x = middle_x + ((a.x + b.x) / 2 - middle_x) * (1 - bend);
            auto const y = middle_y + ((a.y + b.y) / 2 - middle_y) * (1 - bend);
            svg_ += "<path d=\"M" + number(a.x) + " " + number(a.y) + "Q" + number(x) + " " + number(y) + " " +
                    number(b.x) + " " + number(b.y) + "\"/>\n";
        }
        svg_ += "</g>\n";
    }

    std::string about(Node const& node) const {
        auto const& peer = peer_of(node);
        auto text = peer.id.text() + "\n";
        if (!peer.is_known) {
            text += "not visited";
        } else if (peer.reachable) {
            text += results_.name(peer.agent) + "\nnames " + std::to_string(peer.neighbours.size());
            if (peer.round_trip) text += ", " + fixed(milliseconds(*peer.round_trip), 1) + " ms";
        } else {
            text += "not reached: " + results_.name(peer.reason);
        }
        return text + "\nnamed by " + std::to_string(node.named_by);
    }

    static std::string lines(std::string const& text) {
        std::string result;
        for (std::size_t begin = 0; begin <= text.size();) {
            auto const end = std::min(text.find('\n', begin), text.size());
            result += (begin == 0 ? "" : "&#10;") + xml_text(std::string_view(text).substr(begin, end - begin));
            begin = end + 1;
        }
        return result;
    }

    void draw_nodes() {
        svg_ += "<g stroke=\"#ffffff\" stroke-width=\"" + std::string(nodes_.size() > 300 ? "0.5" : "1.2") + "\">\n";
        for (auto const& node : nodes_) {
            auto const& peer = peer_of(node);
            svg_ += "<circle cx=\"" + number(node.x) + "\" cy=\"" + number(node.y) + "\" r=\"" + number(node.radius) +
                    "\" fill=\"" + std::string(peer.reachable ? colour_of(peer.agent) : grey) + "\"><title>" +
                    lines(about(node)) + "</title></circle>\n";
        }
        svg_ += "</g>\n";
        if (nodes_.size() > labels_max) return;
        svg_ += "<g font-size=\"13\" fill=\"#31475e\">\n";
        for (auto const& node : nodes_) {
            auto const away = outer_radius + 24;
            auto const id = peer_of(node).id.text();
            auto const side = std::cos(node.angle);
            auto const anchor = side > 0.2 ? "start" : side < -0.2 ? "end" : "middle";
            svg_ += "<text x=\"" + number(middle_x + away * side) + "\" y=\"" +
                    number(middle_y + away * std::sin(node.angle) + 4) + "\" text-anchor=\"" + anchor + "\">" +
                    xml_text("…" + id.substr(id.size() - std::min<std::size_t>(id.size(), 6))) + "</text>\n";
        }
        svg_ += "</g>\n";
    }

    void write(double y, int size, std::string_view colour, std::string const& text, double indent = 0) {
        svg_ += "<text x=\"" + number(legend_x + indent) + "\" y=\"" + number(y) + "\" font-size=\"" +
                std::to_string(size) + "\" fill=\"" + std::string(colour) + "\">" + xml_text(text) + "</text>\n";
    }

    void key(double& y, std::string_view colour, std::string const& text) {
        svg_ += "<circle cx=\"" + number(legend_x + 8) + "\" cy=\"" + number(y - 5) + "\" r=\"7\" fill=\"" +
                std::string(colour) + "\"/>\n";
        write(y, 15, "#1b2733", text, 26);
        y += 26;
    }

    void draw_legend() {
        auto const found = results_.peers().size();
        auto y = 100.0;
        write(y, 24, "#1b2733", shown(title_, 28));
        y += 32;
        write(y, 16, "#31475e", std::to_string(found) + " peers found, " + std::to_string(reached_) + " reached");
        y += 46;
        std::size_t named = 0;
        for (std::size_t i = 0; i < std::min(agents_.size(), colours.size()); ++i) {
            auto const& [agent, count] = agents_[i];
            auto const& name = results_.name(agent);
            key(y, colours[i], (name.empty() ? "no agent" : shown(name, 26)) + "  " + std::to_string(count));
            named += count;
        }
        std::size_t all = 0;
        for (auto const& [agent, count] : agents_) all += count;
        if (all > named) key(y, other_colour, "other agents  " + std::to_string(all - named));
        if (nodes_.size() > all) key(y, grey, "not reached  " + std::to_string(nodes_.size() - all));
        y += 24;
        std::vector<std::string> notes = {"Place: the peer's key in the DHT, clockwise", "Size: how many peers name it",
                                          "Line: one of the two names the other"};
        if (nodes_.size() < found)
            notes.push_back("Drawn: the " + std::to_string(nodes_.size()) + " that most peers name");
        if (edges_drawn_ < edges_) {
            notes.push_back("Lines drawn: " + std::to_string(edges_drawn_) + " of " + std::to_string(edges_));
        }
        for (auto const& note : notes) {
            write(y, 13, "#5b6b7b", note);
            y += 20;
        }
    }

    CrawlResults const& results_;
    std::string const& title_;
    std::vector<Node> nodes_;
    std::vector<std::pair<Index, std::size_t>> agents_;  // of those reached, the most frequent first
    std::size_t reached_ = 0;
    std::size_t edges_ = 0;
    std::size_t edges_drawn_ = 0;
    std::string svg_;
};

}  // namespace

std::string crawl_svg(CrawlResults const& results, std::string const& title) { return Picture(results, title).text(); }

}  // namespace apps
