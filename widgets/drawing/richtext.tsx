/** The tree of a text, drawn node by node; nothing in it is ever read as markup. */
import { h, type VNode } from "preact";
import type { Block, Inline } from "../generated/content";
import { linkTarget, safeUrl } from "./url";

function Piece({ node }: { node: Inline }): VNode | null {
  switch (node.type) {
    case "text":
      return node.text as unknown as VNode;
    case "strong":
      return <strong>{pieces(node.children)}</strong>;
    case "em":
      return <em>{pieces(node.children)}</em>;
    case "code":
      return <code>{node.text}</code>;
    case "link": {
      const href = safeUrl(node.href);
      return href === undefined ? <span>{pieces(node.children)}</span> : <a href={href} {...linkTarget(href)}>{pieces(node.children)}</a>;
    }
    case "break":
      return <br />;
    default:
      return null;
  }
}

function pieces(nodes: Inline[]): VNode[] {
  return nodes.map((node, place) => <Piece key={place} node={node} />);
}

function Part({ node }: { node: Block }): VNode | null {
  switch (node.type) {
    case "paragraph":
      return <p>{pieces(node.children)}</p>;
    case "heading":
      // The widget's own title is above it, whatever level the author wrote.
      return <h3>{pieces(node.children)}</h3>;
    case "quote":
      return <blockquote><RichText body={node.children} /></blockquote>;
    case "code":
      return <pre tabIndex={0}><code>{node.text}</code></pre>;
    case "list": {
      const items = node.items.map((item, place) => <li key={place}><RichText body={item} /></li>);
      return node.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    default:
      return null;
  }
}

export function RichText({ body }: { body: Block[] }): VNode {
  return <div class="text">{body.map((node, place) => <Part key={place} node={node} />)}</div>;
}

/** The words of a tree, for those who hear it. */
export function plainText(body: Block[]): string {
  const words = (node: Block | Inline): string => {
    if ("text" in node) return node.text;
    if ("children" in node) return (node.children as (Block | Inline)[]).map(words).join("");
    return "items" in node ? node.items.map((item) => item.map(words).join(" ")).join(". ") : " ";
  };
  return body.map(words).join(" ");
}
