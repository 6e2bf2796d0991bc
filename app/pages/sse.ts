/** One server-sent event. JSON has no line ends, so nothing in `data` can begin another field. */
export function eventText(name: "status" | "log" | "end", data: unknown, id: string | null): string {
  return `event: ${name}\n${id === null ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
